import { z } from "zod";
import { Bytes, Id, Instant } from "@/lib/engine/schemas";
import { LimitedBy, RunPhase } from "@/lib/engine/sessions/schemas";

/** Shapes of the ReplicationCommunication contract that belong to replication, under the contract's names. Pure. */

/** Keys that one NegotiateMissingRecords may carry: 2.75 MiB of them, and a fraction of a second in the database. */
export const KEYS_PER_BATCH = 65_536;
/** Most of a summary list in one answer: about 5 MiB of JSON. */
export const POINTS_PER_ANSWER = 10_000;
export const POINTS_PER_PAGE = 1_000;
/** Volumes of one agent, so images of one point. */
export const VOLUMES_MAX = 1_000;

const Name = z.string().min(1).max(253);
/** SHA-256, hexadecimal. */
const Hash = z.string().regex(/^[0-9a-f]{64}$/);
const Count = z.number().int().nonnegative();
const PointLabel = z.string().max(120);
const Kind = z.enum(["folder", "image", "stream"]);

export const AgentRef = z.object({ agentId: Id });
export const JobRef = z.object({ agentId: Id, jobId: Id });

export const VolumeImageRef = z.object({ id: Id, volumeId: Id, size: Bytes, headerHash: Hash });
export const PeerRecoveryPoint = z.object({
  id: Id,
  agentId: Id,
  /** Position in the agent's history on the core that captured it. */
  epochNumber: Count,
  timeStamp: Instant,
  size: Bytes,
  /** Only complete points are ever listed. */
  status: z.literal("Complete").default("Complete"),
  /** headerHash: digest of the image's manifest. */
  volumeImages: z.array(VolumeImageRef).max(VOLUMES_MAX),
});
export type PeerRecoveryPoint = z.infer<typeof PeerRecoveryPoint>;

export const SelectRangeInput = AgentRef.extend({
  skipCount: z.coerce.number().int().nonnegative(),
  maxCount: z.coerce.number().int().min(1).max(POINTS_PER_ANSWER),
  /** Only points from this epoch on. */
  fromEpoch: z.coerce.number().int().nonnegative().default(0),
  /** With `setHash`: "between fromEpoch and toEpoch I expect exactly this set". When it is so, only points after it are listed. */
  toEpoch: z.coerce.number().int().min(-1).default(-1),
  setHash: Hash.optional(),
});
export type SelectRangeInput = z.infer<typeof SelectRangeInput>;

/** Whether the target takes part just now. */
export const ReplicationState = z.enum(["Active", "Paused"]);

export const RecoveryPointRange = z.object({
  /** Is the expected set the one that is here? */
  unchanged: z.boolean(),
  /** Points in the list that the pages together make. */
  total: Count,
  recoveryPoints: z.array(PeerRecoveryPoint).max(POINTS_PER_ANSWER),
  replicationState: ReplicationState,
});
export type RecoveryPointRange = z.infer<typeof RecoveryPointRange>;

export const RecoveryPointSummaries = z.object({ recoveryPoints: z.array(PeerRecoveryPoint).max(POINTS_PER_ANSWER) });

export const ReplicatedAgents = z.object({
  agents: z
    .array(
      z.object({
        id: Id,
        displayName: z.string(),
        hostName: z.string(),
        repositoryId: Id,
        replicationState: ReplicationState,
        /** Somebody on the target asked for a run. */
        isRunRequested: z.boolean(),
      }),
    )
    .meta({ xmlItem: "replicatedAgentInfo", xmlBare: true }),
});
export type ReplicatedAgents = z.infer<typeof ReplicatedAgents>;

/** report: the checks are answered as a list, whatever they say. Else what fails is a fault, as the contract has it. */
export const VerifyAbilityInput = AgentRef.extend({ report: z.stringbool().default(false) });

/** The target's own rate cap for this pairing, bytes per second. */
const MaxTransferSpeed = Bytes.nullable().default(null);

export const ReplicationAbility = z.object({
  maxTransferSpeed: MaxTransferSpeed,
  checks: z
    .array(
      z.object({
        name: z.enum(["agent", "state", "repository", "space", "quota"]),
        passed: z.boolean(),
        /** Empty when passed. */
        message: z.string(),
      }),
    )
    .meta({ xmlItem: "replicationAbilityCheck" }),
});
export type ReplicationAbility = z.infer<typeof ReplicationAbility>;

export const RemoteReplicationJobRequest = z.object({
  agentId: Id,
  /** The source's id of its run; asking again with the same one gives the same job. */
  masterJobId: Id,
});
export type RemoteReplicationJobRequest = z.infer<typeof RemoteReplicationJobRequest>;

/** Points that one metadata update may tell of, and deletions: more of them are told by several. */
export const METADATA_POINTS_MAX = 1_000;

/** What is not said stays as it is: clients of other makes fill in what they know. */
export const StartMetadataUpdateRequest = AgentRef.extend({
  displayName: Name.optional(),
  hostName: z.string().max(253).optional(),
  labels: z.array(z.string().min(1).max(60)).max(50).optional(),
  /** What protects the agent on the source. */
  policies: z
    .array(z.object({ id: z.string().max(100), name: Name, summary: z.string().max(500) }))
    .max(100)
    .meta({ xmlItem: "policy" })
    .optional(),
  volumes: z
    .array(z.object({ id: Id, displayName: Name, volumeKind: Kind }))
    .max(VOLUMES_MAX)
    .meta({ xmlItem: "volume" })
    .optional(),
  /** Labels and locks of points; of points that are not here nothing is kept. */
  recoveryPoints: z
    .array(z.object({ id: Id, label: PointLabel.optional(), locked: z.boolean().optional() }))
    .max(METADATA_POINTS_MAX)
    .meta({ xmlItem: "recoveryPointMetadata" })
    .optional(),
  /** Points that the source has deleted. They stay here. */
  deletedRecoveryPointIds: z.array(Id).max(METADATA_POINTS_MAX).optional(),
});
export type StartMetadataUpdateRequest = z.infer<typeof StartMetadataUpdateRequest>;

export const JobStatus = z.enum([
  "Unknown",
  "Starting",
  "Running",
  "Completing",
  "Succeeded",
  "Failed",
  "Canceled",
  "Waiting",
  "Pending",
]);
export type JobStatus = z.infer<typeof JobStatus>;

/** The source's counters, mirrored on the target. */
export const JobProgress = z.object({
  phase: RunPhase,
  pointsTotal: Count,
  pointsDone: Count,
  bytesTotal: Bytes,
  bytesDone: Bytes,
  wireBytes: Bytes,
  savedBytes: Bytes,
  recordsNew: Count,
  recordsKnown: Count,
  rateBytesPerSecond: Bytes,
  etaSeconds: Count.nullable(),
  limitedBy: LimitedBy,
});
export type JobProgress = z.infer<typeof JobProgress>;

export const PeerJob = z.object({
  id: Id,
  summary: z.string().max(500).default(""),
  status: JobStatus,
  failureReason: z
    .object({ message: z.string().max(2000), detail: z.string().max(2000).default("") })
    .nullable()
    .default(null),
  progress: JobProgress.nullable().default(null),
});
export type PeerJob = z.infer<typeof PeerJob>;

/** A metadata update: an item is the agent itself, one volume, or one point. */
export const MetadataUpdateProgress = PeerJob.extend({ itemsDone: Count, itemsTotal: Count });
export type MetadataUpdateProgress = z.infer<typeof MetadataUpdateProgress>;

export const RemoteSyncReplicationJobRequest = JobRef.extend({ job: PeerJob });
export type RemoteSyncReplicationJobRequest = z.infer<typeof RemoteSyncReplicationJobRequest>;

/** What the people on the target want of the run. */
export const JobRequest = z.enum(["Continue", "Pause", "Cancel"]);
export const SyncedJob = PeerJob.extend({ requested: JobRequest, maxTransferSpeed: MaxTransferSpeed });
export type SyncedJob = z.infer<typeof SyncedJob>;

/** The job of UpdateReplicationStatus is told by its id. */
export const UpdateReplicationStatusInput = AgentRef.extend(PeerJob.shape);
export type UpdateReplicationStatusInput = z.infer<typeof UpdateReplicationStatusInput>;

/** One image of the point that a session belongs to. */
export const PointImage = z.object({
  id: Id,
  volumeId: Id,
  volumeDisplayName: Name,
  volumeKind: Kind,
  size: Bytes,
  entryCount: Count,
  recordCount: Count,
  headerHash: Hash,
});
export type PointImage = z.infer<typeof PointImage>;

export const StartVolumeImageReplicationSessionRequest = z.object({
  agentId: Id,
  jobId: Id,
  recoveryPointId: Id,
  epochNumber: Count,
  utcCreatedTimestamp: Instant,
  volumeImageId: Id,
  /** Streams of the manifest in order: the keys that are going to be offered. */
  streams: z
    .array(z.object({ kind: z.enum(["raw", "entries", "payload"]), keyCount: Count, totalBytes: Bytes }))
    .min(1)
    .max(8),
  /** The whole point: it becomes true on the target when all its images are there. */
  point: z.object({
    images: z.array(PointImage).min(1).max(VOLUMES_MAX),
    logicalBytes: Bytes,
    label: PointLabel.optional(),
    locked: z.boolean().optional(),
    skippedCount: Count,
    skipped: z.array(z.object({ path: z.string(), reason: z.string() })).max(1000),
  }),
});
export type StartVolumeImageReplicationSessionRequest = z.infer<typeof StartVolumeImageReplicationSessionRequest>;

/** Old spellings of the addresses name the session alone. */
export const ImageSessionRef = z.object({ agentId: Id.optional(), jobId: Id.optional(), sessionId: Id });
export type ImageSessionRef = z.infer<typeof ImageSessionRef>;

export const NegotiateInput = ImageSessionRef.extend({
  /** Position in the image of the first key of the body. */
  start: z.coerce.number().int().nonnegative().default(0),
});
export type NegotiateInput = z.infer<typeof NegotiateInput>;

export const TransferInput = ImageSessionRef.extend({
  /** The batch of keys that these records belong to, by its first position. */
  start: z.coerce.number().int().nonnegative().default(0),
  /** Bytes of the frames in the body, so that a full disk or quota is told before anything is sent. */
  size: z.coerce.number().int().nonnegative().optional(),
});
export type TransferInput = z.infer<typeof TransferInput>;

export const EndInput = ImageSessionRef.extend({ commit: z.stringbool().default(true) });
export type EndInput = z.infer<typeof EndInput>;

export const CommittingStatus = z.enum(["Committing", "Committed"]);
export type CommittingStatus = z.infer<typeof CommittingStatus>;

export const AgentStorageUsage = z.object({
  id: Id,
  displayName: z.string().max(253),
  hostName: z.string().max(253),
  newestRpTimestamp: Instant.nullable(),
  oldestRpTimestamp: Instant.nullable(),
  recoveryPointCount: Count.max(2_147_483_647),
  /** Logical bytes of the newest recovery point. */
  totalBytesProtected: Bytes,
});
export type AgentStorageUsage = z.infer<typeof AgentStorageUsage>;

export const StorageUsageSummary = z.object({
  agents: z.array(AgentStorageUsage).max(1000).meta({ xmlItem: "agentStorageUsage" }),
  repositories: z
    .array(z.object({ id: Id, name: z.string().max(253), bytesFree: Bytes, bytesUsed: Bytes }))
    .max(1000)
    .meta({ xmlItem: "reposStorageUsage" }),
});
export type StorageUsageSummary = z.infer<typeof StorageUsageSummary>;

export const AgentsStorageUsage = z.object({
  agents: z.array(AgentStorageUsage).meta({ xmlItem: "agentStorageUsage", xmlBare: true }),
});
export type AgentsStorageUsage = z.infer<typeof AgentsStorageUsage>;
