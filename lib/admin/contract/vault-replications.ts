import {
  ListReplicationRecordsInput,
  ListVaultReplicationsInput,
  ReplicateImageInput,
  ReplicateVaultInput,
  ReplicationDestinations,
  ReplicationRecord,
  ReplicationRecordPage,
  VaultReplication,
  VaultReplicationPage,
} from "@/lib/engine/vault-replications/schemas";
import { ById, everyone, Nothing, operators, row } from "./row";

export const vaultReplicationsContract = {
  listReplicationDestinations: row({
    method: "GET",
    path: "/replication-destinations",
    summary: "The cores that this one sends to, asked now for the repositories that they offer.",
    roles: operators,
    input: Nothing,
    output: ReplicationDestinations,
  }),
  listVaultReplications: row({
    method: "GET",
    path: "/vault-replications",
    summary: "Replications of whole repositories, the newest first, with what became of their images.",
    roles: everyone,
    input: ListVaultReplicationsInput,
    output: VaultReplicationPage,
  }),
  getVaultReplication: row({
    method: "GET",
    path: "/vault-replications/{id}",
    summary: "One replication of a whole repository.",
    roles: everyone,
    input: ById,
    output: VaultReplication,
  }),
  replicateVault: row({
    method: "POST",
    path: "/vault-replications",
    summary: "Send every image of a repository to a repository of another core.",
    roles: operators,
    input: ReplicateVaultInput.omit({ tenantIds: true }),
    output: VaultReplication,
  }),
  listReplicationRecords: row({
    method: "GET",
    path: "/replication-records",
    summary: "Images on their way to other cores, each with its progress and, when it failed, the reason.",
    roles: everyone,
    input: ListReplicationRecordsInput.omit({ imageIds: true, tenantIds: true }),
    output: ReplicationRecordPage,
  }),
  replicateImage: row({
    method: "POST",
    path: "/images/{imageId}/replicate",
    summary: "Send one image to a repository of another core.",
    roles: operators,
    input: ReplicateImageInput.omit({ tenantIds: true }),
    output: ReplicationRecord,
  }),
} as const;
