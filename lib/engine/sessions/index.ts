export { sweepSessions, wakeDueSessions } from "./due";
export { getSession, getSessionSummary } from "./get";
export { hearTargets } from "./hear-targets";
export { listSessions } from "./list";
export { getMirroredJob } from "./mirrored-job";
export { cancelRun, pauseSession, resumeSession, runSession } from "./orders";
export * from "./schemas";
export { resumePeers, suspendPeers } from "./suspend";
