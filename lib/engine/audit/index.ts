export { type Attempt, recordAttempt, refused } from "./attempt";
export { writeCheckpoint } from "./checkpoint";
export { exportAudit } from "./export";
export { type Refusal, recordRead, recordRefusal, sweepRefusals } from "./refuse";
export * from "./schemas";
export { searchAudit } from "./search";
export { getAuditStanding, verifyAudit } from "./standing";
export { verifyAuditTrail } from "./verify";
export { writeAudit } from "./write";
