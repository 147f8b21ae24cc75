export { listReplicationDestinations } from "./destinations";
export { driveVaultReplications } from "./drive";
export { getVaultReplication, listReplicationRecords, listVaultReplications } from "./list";
export * from "./schemas";
export { replicateImage, replicateVault } from "./start";
export { sweepVaultReplications } from "./sweep";
