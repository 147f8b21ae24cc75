export { captureDueAgents } from "./run";
