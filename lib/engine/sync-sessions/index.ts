export { getSyncSession } from "./get";
export { listSyncSessions } from "./list";
export { runSync } from "./run";
export * from "./schemas";
export { startSync } from "./start";
export { stopSync } from "./stop";
export { sweepSyncSessions } from "./sweep";
