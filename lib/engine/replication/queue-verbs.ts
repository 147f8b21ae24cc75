export { listActiveReplications, listWaitingReplications } from "./queue";
export { queueRecoveryPoints, queueStatuses, restartReplication } from "./queue-orders";
