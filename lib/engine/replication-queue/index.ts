export { listActive, listActiveReplications, listReplicationQueue, listWaitingReplications } from "./list";
export { queueRecoveryPoints, queueStatuses, restartReplication } from "./orders";
