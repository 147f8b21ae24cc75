import { queryOptions } from "@tanstack/react-query";
import { pagedOptions } from "@/components/feedback/use-paged";
import { callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";
import type { RecordState, ReplicationRecord, VaultReplication } from "@/lib/engine/vault-replications/schemas";

export const destinationsQuery = () =>
  queryOptions({
    queryKey: ["replication-destinations"],
    queryFn: ({ signal }) => callAdmin(adminContract.listReplicationDestinations, {}, signal),
    // Each asks other cores over the network.
    staleTime: 30_000,
  });

export const vaultReplicationsQuery = (repositoryId: string) =>
  pagedOptions<VaultReplication>(["vault-replications", "list", repositoryId], (cursor, signal) =>
    callAdmin(adminContract.listVaultReplications, { repositoryId, limit: 10, cursor }, signal),
  );

export const recordsQuery = (vaultReplicationId: string, state?: RecordState) =>
  pagedOptions<ReplicationRecord>(["vault-replications", "records", vaultReplicationId, state], (cursor, signal) =>
    callAdmin(adminContract.listReplicationRecords, { vaultReplicationId, state, cursor }, signal),
  );
