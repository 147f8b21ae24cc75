export { writeCheckpoint } from "./checkpoint";
export { type Refusal, recordRefusal, sweepRefusals } from "./refuse";
export * from "./schemas";
export { verifyAuditTrail } from "./verify";
export { writeAudit } from "./write";
