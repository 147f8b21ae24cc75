import { z } from "zod";
import { Bytes, Id, Instant } from "@/lib/engine/schemas";
import { AgentRef, Count, Hash, POINTS_PER_ANSWER, VOLUMES_MAX } from "./peer-basics";

/** Shapes of the contract that tell of recovery points and images. Pure. */

export const VolumeImageRef = z.object({
  id: Id,
  volumeId: Id,
  volumeDisplayName: z.string().default(""),
  size: Bytes,
  headerHash: Hash,
  /** Of the contract: this core keeps no keys and no application metadata of images. */
  encryptionKeyId: z.string().default(""),
  hasExchangeMetadata: z.boolean().default(false),
  hasSqlServerMetadata: z.boolean().default(false),
});
export const PeerRecoveryPoint = z.object({
  id: Id,
  agentId: Id,
  agentHostName: z.string().default(""),
  /** Position in the agent's history on the core that captured it. */
  epochNumber: Count,
  timeStamp: Instant,
  size: Bytes,
  /** Only complete points are ever listed. */
  status: z.literal("Complete").default("Complete"),
  /** headerHash: digest of the image's manifest. */
  volumeImages: z.array(VolumeImageRef).max(VOLUMES_MAX).meta({ xmlItem: "volumeImageSummary" }),
});
export type PeerRecoveryPoint = z.infer<typeof PeerRecoveryPoint>;

export const SelectRangeInput = AgentRef.extend({
  skipCount: z.coerce.number().int().nonnegative(),
  /** Existing clients ask for all with the largest number they have; an answer holds POINTS_PER_ANSWER at most. */
  maxCount: z.coerce.number().int().min(1),
  /** Only points from this epoch on. */
  fromEpoch: z.coerce.number().int().nonnegative().default(0),
  /** With `setHash`: "between fromEpoch and toEpoch I expect exactly this set". When it is so, only points after it are listed. */
  toEpoch: z.coerce.number().int().min(-1).default(-1),
  setHash: Hash.optional(),
});
export type SelectRangeInput = z.infer<typeof SelectRangeInput>;

/** Whether the target takes part just now. */
export const ReplicationState = z.enum(["Active", "Paused"]);

const RecoveryPointList = z
  .array(PeerRecoveryPoint)
  .max(POINTS_PER_ANSWER)
  .meta({ xmlItem: "recoveryPointSummary", xmlBare: true });

export const RecoveryPointRange = z.object({
  /** Is the expected set the one that is here? */
  unchanged: z.boolean(),
  /** Points in the list that the pages together make. */
  total: Count,
  recoveryPoints: RecoveryPointList,
  replicationState: ReplicationState,
});
export type RecoveryPointRange = z.infer<typeof RecoveryPointRange>;

export const RecoveryPointSummaries = z.object({ recoveryPoints: RecoveryPointList });

/** Newest first; the defaults give all that one answer holds. */
export const ImagesOfAgentInput = AgentRef.extend({
  skipCount: z.coerce.number().int().nonnegative().default(0),
  maxCount: z.coerce.number().int().min(1).default(POINTS_PER_ANSWER),
});
export type ImagesOfAgentInput = z.infer<typeof ImagesOfAgentInput>;

export const ReplicatedVolumeImage = z.object({
  driverVolumeId: Id,
  epochNumber: Count,
  headerHash: Hash,
  id: z.string(),
  isOrphaned: z.boolean(),
  /** Of the image of this volume before it; its own when there is none. */
  previousEpochNumber: Count,
  /** Points are not rolled up here: the cell of each is its own moment. */
  rollupGranularityCell: z.object({ isAdHoc: z.boolean(), lowerBound: Instant, upperBound: Instant }),
  utcCreatedTimestamp: Instant,
  /** The first four bytes of the manifest's digest. */
  volumeImageHash: z.number().int().min(-2_147_483_648).max(2_147_483_647),
});
export type ReplicatedVolumeImage = z.infer<typeof ReplicatedVolumeImage>;

export const ReplicatedVolumeImages = z.object({
  volumeImages: z
    .array(ReplicatedVolumeImage)
    .max(POINTS_PER_ANSWER)
    .meta({ xmlItem: "summaryReplicatedVolumeImageInfo", xmlBare: true }),
});
export type ReplicatedVolumeImages = z.infer<typeof ReplicatedVolumeImages>;
