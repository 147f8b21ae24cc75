export { captureDueAgents } from "./run";
export { sweepSchedules } from "./sweep";
