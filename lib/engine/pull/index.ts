export { fetchFromLeader } from "./run";
