export { type Attempt, recordAttempt, refused } from "./attempt";
export { writeCheckpoint } from "./checkpoint";
export { type Refusal, recordRefusal, sweepRefusals } from "./refuse";
export * from "./schemas";
export { verifyAuditTrail } from "./verify";
export { writeAudit } from "./write";
