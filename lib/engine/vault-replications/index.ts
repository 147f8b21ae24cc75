export { listReplicationDestinations } from "./destinations";
export { driveVaultReplications } from "./drive";
export { getVaultReplication, listReplicationRecords, listVaultReplications } from "./list";
export { findRegion, listRecordIds, listRegions, type Region } from "./regions";
export * from "./schemas";
export { replicateImage, replicateVault } from "./start";
export { sweepVaultReplications } from "./sweep";
