import { z } from "zod";
import { Bytes, Failure, Id, Instant, PageInput, page } from "@/lib/engine/schemas";

/**
 * Why a replication is not begun, as `detail` of the refusal:
 * unknown-destination: there is no such pairing, or its core does not offer that repository ·
 * not-replicable: this core cannot send there (not established, this core is its target, the destination is the source itself),
 * or the image cannot be sent (lost, incomplete, a replica) · nothing-to-do: the repository has no images ·
 * destination-full: it has no room for even one pack · already-replicating: an earlier one of this repository goes on ·
 * in-use: this very image is on its way already.
 */
export const ReplicationRefusal = z.enum([
  "unknown-destination",
  "not-replicable",
  "nothing-to-do",
  "destination-full",
  "already-replicating",
  "in-use",
]);
export type ReplicationRefusal = z.infer<typeof ReplicationRefusal>;

export const RecordState = z.enum(["waiting", "replicating", "succeeded", "failed", "skipped"]);
export type RecordState = z.infer<typeof RecordState>;

/** Another core that this one sends to, with the repositories that it offers to it. */
export const ReplicationDestination = z.object({
  pairingId: Id,
  core: z.object({ id: Id.nullable(), name: z.string() }),
  /** false: what follows is what it said when it last answered. */
  reachable: z.boolean(),
  /** Why it is not. */
  message: z.string().nullable(),
  repositories: z.array(z.object({ id: Id, name: z.string(), freeBytes: Bytes, usedBytes: Bytes, at: Instant })),
});
export type ReplicationDestination = z.infer<typeof ReplicationDestination>;

export const ReplicationDestinations = z.object({
  /** This core itself. */
  core: z.object({ id: Id, name: z.string() }),
  destinations: z.array(ReplicationDestination),
});
export type ReplicationDestinations = z.infer<typeof ReplicationDestinations>;

/** Those whose images alone count; absent: everybody's. For doors whose caller is of one tenant. */
const TenantIds = z.array(Id).max(1000).optional();

export const ReplicateVaultInput = z.object({
  repositoryId: Id,
  pairingId: Id,
  destinationRepositoryId: Id,
  autoTrigger: z.boolean().default(false),
  tenantIds: TenantIds,
});
export type ReplicateVaultInput = z.infer<typeof ReplicateVaultInput>;

export const ReplicateImageInput = z.object({
  imageId: Id,
  pairingId: Id,
  destinationRepositoryId: Id,
  tenantIds: TenantIds,
});
export type ReplicateImageInput = z.infer<typeof ReplicateImageInput>;

/** One volume image on its way to a repository of another core. There it has the same id. */
export const ReplicationRecord = z.object({
  id: Id,
  /** null: it was asked for by itself. */
  vaultReplicationId: Id.nullable(),
  autoTrigger: z.boolean(),
  imageId: Id,
  recoveryPointId: Id,
  /** null: the image is gone. */
  pointAt: Instant.nullable(),
  volumeName: z.string().nullable(),
  sizeBytes: Bytes.nullable(),
  agent: z.object({ id: Id, name: z.string().nullable() }),
  repositoryId: Id.nullable(),
  pairingId: Id,
  destinationCore: z.object({ id: Id.nullable(), name: z.string() }),
  destinationRepositoryId: Id,
  state: RecordState,
  /** Of this image; 100 with its success alone. */
  progressPercent: z.number().int().min(0).max(100),
  /** Waiting: what it waits for. Failed and skipped: why. */
  failure: Failure.nullable(),
  createdAt: Instant,
  startedAt: Instant.nullable(),
  endedAt: Instant.nullable(),
  updatedAt: Instant,
});
export type ReplicationRecord = z.infer<typeof ReplicationRecord>;

export const ListReplicationRecordsInput = PageInput.extend({
  limit: z.coerce.number().int().min(1).max(1000).default(50),
  vaultReplicationId: Id.optional(),
  imageIds: z.array(Id).max(1000).optional(),
  state: RecordState.optional(),
  tenantIds: TenantIds,
});
export type ListReplicationRecordsInput = z.infer<typeof ListReplicationRecordsInput>;

export const ReplicationRecordPage = page(ReplicationRecord);
export type ReplicationRecordPage = z.infer<typeof ReplicationRecordPage>;

/** All images of a repository on their way to a repository of another core. */
export const VaultReplication = z.object({
  id: Id,
  repositoryId: Id,
  pairingId: Id,
  destinationCore: z.object({ id: Id.nullable(), name: z.string() }),
  /** The name as that core last said it. */
  destinationRepository: z.object({ id: Id, name: z.string().nullable() }),
  autoTrigger: z.boolean(),
  createdBy: z.string(),
  createdAt: Instant,
  /** Of the last record; null while one waits or replicates. */
  endedAt: Instant.nullable(),
  /** How many of its records are in which state. */
  records: z.object({
    total: z.number().int(),
    waiting: z.number().int(),
    replicating: z.number().int(),
    succeeded: z.number().int(),
    failed: z.number().int(),
    skipped: z.number().int(),
  }),
  /** Of all images by their count. */
  progressPercent: z.number().int().min(0).max(100),
});
export type VaultReplication = z.infer<typeof VaultReplication>;

export const ListVaultReplicationsInput = PageInput.extend({ repositoryId: Id.optional() });
export type ListVaultReplicationsInput = z.infer<typeof ListVaultReplicationsInput>;

export const VaultReplicationPage = page(VaultReplication);
export type VaultReplicationPage = z.infer<typeof VaultReplicationPage>;
