import { z } from "zod";
import { Count, Hash } from "@/lib/engine/replication/peer-basics";
import {
  AgentRef,
  POINTS_PER_PAGE,
  type PointImage,
  RecoveryPointRange,
  StartMetadataUpdateRequest,
  StartVolumeImageReplicationSessionRequest,
} from "@/lib/engine/replication/peer-schemas";
import { Id, Instant } from "@/lib/engine/schemas";

/** Shapes of the operations by which a core fetches what another one, which is current for the agent, has. Pure. */

/** Keys of one request for records. */
export const KEYS_PER_FETCH = 8_192;
/** Positions of the image that one request may span: so much of its manifest is read to see that the keys belong to it. */
export const SPAN_PER_FETCH = 65_536;
/** Plaintext bytes that one request may ask for. */
export const FETCH_BYTES_MAX = 64 * 1024 * 1024;

export const SelectLeadingInput = AgentRef.extend({
  skipCount: z.coerce.number().int().nonnegative(),
  maxCount: z.coerce.number().int().min(1).max(POINTS_PER_PAGE),
  /** With `setHash`: "up to this epoch I expect exactly this set". When it is so, only points after it are listed. */
  toEpoch: z.coerce.number().int().min(-1).default(-1),
  setHash: Hash.optional(),
});
export type SelectLeadingInput = z.infer<typeof SelectLeadingInput>;

export const LeadingRange = RecoveryPointRange.extend({
  /** Has the caller to hear of names, labels, locks or deletions? */
  isMetadataNews: z.boolean(),
});
export type LeadingRange = z.infer<typeof LeadingRange>;

export const PointRef = AgentRef.extend({ recoveryPointId: Id });

/** One recovery point as its core declares it, whole: what a push says with each image of it. */
export const LeadingPoint = z.object({
  recoveryPointId: Id,
  epochNumber: Count,
  utcCreatedTimestamp: Instant,
  origin: z.enum(["user", "scheduled", "replication"]),
  snapshotRuleId: Id.nullable().default(null),
  expiresAt: Instant.nullable().default(null),
  point: StartVolumeImageReplicationSessionRequest.shape.point,
});
export type LeadingPoint = z.infer<typeof LeadingPoint>;
export type LeadingImage = z.infer<typeof PointImage>;

export const ImageRefInput = AgentRef.extend({ imageId: Id });

export const ReadRecordsInput = ImageRefInput.extend({
  /** The keys in the body are among those of the image from this position on … */
  start: z.coerce.number().int().nonnegative(),
  /** … over so many. */
  count: z.coerce.number().int().min(1).max(SPAN_PER_FETCH),
});
export type ReadRecordsInput = z.infer<typeof ReadRecordsInput>;

/** What changed since the caller said how far it is; asked for again until `isLast`. */
export const LeadingMetadata = StartMetadataUpdateRequest.extend({
  /** To be acknowledged. */
  upTo: Count,
  digest: Hash,
  isLast: z.boolean(),
});
export type LeadingMetadata = z.infer<typeof LeadingMetadata>;

export const AcknowledgeInput = AgentRef.extend({
  /** The newest point that is complete at the caller. */
  recoveryPointId: Id.optional(),
  metadata: z.object({ upTo: Count, digest: Hash }).optional(),
});
export type AcknowledgeInput = z.infer<typeof AcknowledgeInput>;
