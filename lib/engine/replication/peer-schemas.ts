import { z } from "zod";
import { Bytes, Id, Instant } from "@/lib/engine/schemas";
import { AgentRef, Count, Hash, Kind, MaxTransferSpeed, Name, PointLabel, VOLUMES_MAX } from "./peer-basics";
import { ReplicationState } from "./peer-points";

export * from "./peer-basics";
export * from "./peer-jobs";
export * from "./peer-points";

/** Shapes of the ReplicationCommunication contract that belong to replication, under the contract's names. Pure. */

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

/** Points that one metadata update may tell of, and deletions: more of them are told by several. */
export const METADATA_POINTS_MAX = 1_000;

/** A rule of a policy in words. */
const ToldRule = z.object({ id: z.string().max(100), name: Name, summary: z.string().max(500) });
/** Of a kind, in one policy. */
const RULES_MAX = 64;

/** What is not said stays as it is: clients of other makes fill in what they know. */
export const StartMetadataUpdateRequest = AgentRef.extend({
  displayName: Name.optional(),
  hostName: z.string().max(253).optional(),
  labels: z.array(z.string().min(1).max(60)).max(50).optional(),
  // Between Twincore cores: a person's words, and that the agent was made for one volume.
  description: z.string().max(1000).optional(),
  isSingleVolume: z.boolean().optional(),
  /** What protects the agent on the source. */
  policies: z
    .array(
      z.object({
        id: z.string().max(100),
        name: Name,
        summary: z.string().max(500),
        // Between Twincore cores: the whole policy, which the target keeps as a replica.
        description: z.string().max(1000).optional(),
        snapshotRules: z.array(ToldRule).max(RULES_MAX).meta({ xmlItem: "policyRule" }).optional(),
        replicationRules: z.array(ToldRule).max(RULES_MAX).meta({ xmlItem: "policyRule" }).optional(),
        /** It protects the agent as a whole; else, or also, volumes of its own. */
        isOfAgent: z.boolean().optional(),
        volumeIds: z.array(Id).max(VOLUMES_MAX).optional(),
      }),
    )
    .max(100)
    .meta({ xmlItem: "policy" })
    .optional(),
  volumes: z
    .array(
      z.object({
        id: Id,
        displayName: Name,
        volumeKind: Kind,
        /** Declared size of a disk that the source keeps itself: a core that takes over can keep it the same way. */
        managedBytes: Bytes.optional(),
        description: z.string().max(1000).optional(),
      }),
    )
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
  /** Recovery point objective of the session, as the source has it. */
  rpoSeconds: z
    .number()
    .int()
    .positive()
    .max(366 * 24 * 3600)
    .optional(),
});
export type StartMetadataUpdateRequest = z.infer<typeof StartMetadataUpdateRequest>;

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

/** A path has at most 16 KiB, each byte of which may be told as four characters; reasons may quote it. */
const SkippedText = z.string().max(64 * 1024);

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
    .max(8)
    .meta({ xmlItem: "stream" }),
  /** The whole point: it becomes true on the target when all its images are there. */
  point: z.object({
    images: z.array(PointImage).min(1).max(VOLUMES_MAX).meta({ xmlItem: "pointImage" }),
    logicalBytes: Bytes,
    label: PointLabel.optional(),
    locked: z.boolean().optional(),
    /** What made it; absent: a person or a script. */
    origin: z.enum(["user", "scheduled", "replication"]).optional(),
    snapshotRuleId: Id.optional(),
    skippedCount: Count,
    skipped: z
      .array(z.object({ path: SkippedText, reason: SkippedText }))
      .max(1000)
      .meta({ xmlItem: "skippedFile" }),
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

export const AskRoomInput = ImageSessionRef.extend({
  /** Of the frames of all records that are missing of what was offered last. */
  bytes: z.coerce.number().int().nonnegative(),
});
export type AskRoomInput = z.infer<typeof AskRoomInput>;

/** false: no quota limits the agent, and nobody needs to ask again in this run. */
export const RoomAnswer = z.object({ isLimited: z.boolean() });
export type RoomAnswer = z.infer<typeof RoomAnswer>;

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
