import { z } from "zod";
import { Bytes, Id, Instant, PageInput } from "@/lib/engine/schemas";

export const SkippedFile = z.object({ path: z.string(), reason: z.string() });
export type SkippedFile = z.infer<typeof SkippedFile>;

export const RecoveryPointSummary = z.object({
  id: Id,
  agentId: Id,
  sequence: z.number().int(),
  createdAt: Instant,
  committedAt: Instant,
  logicalBytes: Bytes,
  storedBytes: Bytes,
  skippedCount: z.number().int(),
  images: z.number().int(),
  /** Not empty: a person made it of the images that had come; these volumes are not in it. */
  missingVolumes: z.array(z.string()),
  /** Empty when nobody said anything. */
  label: z.string(),
  /** Nobody and no retention deletes it while it is. */
  locked: z.boolean(),
  /** Replica: when this core heard that the source deleted its copy. */
  deletedOnSourceAt: Instant.nullable(),
  /** Since when a sync of its repository finds files of it missing or damaged, and what; null: it is whole. */
  lost: z.object({ at: Instant, reason: z.string() }).nullable(),
});
export type RecoveryPointSummary = z.infer<typeof RecoveryPointSummary>;

export const VolumeImageSummary = z.object({
  id: Id,
  volumeId: Id,
  volumeName: z.string(),
  kind: z.enum(["folder", "image", "stream"]),
  sizeBytes: Bytes,
  recordCount: z.number().int(),
  entryCount: z.number().int(),
  /** SHA-256 of its manifest, hexadecimal: the same on every core that holds this image. */
  manifestDigest: z.string(),
});
export type VolumeImageSummary = z.infer<typeof VolumeImageSummary>;

export const RecoveryPointDetail = RecoveryPointSummary.extend({
  agentName: z.string(),
  repository: z.object({ id: Id, name: z.string() }),
  images: z.array(VolumeImageSummary),
  skipped: z.array(SkippedFile),
  /** The source whose word counts for label, lock and deletion; null: people here decide. */
  ledBy: z.string().nullable(),
});
export type RecoveryPointDetail = z.infer<typeof RecoveryPointDetail>;

export const UpdateRecoveryPointInput = z.object({
  id: Id,
  label: z.string().trim().max(120, "A label has at most 120 characters.").optional(),
  locked: z.boolean().optional(),
});
export type UpdateRecoveryPointInput = z.infer<typeof UpdateRecoveryPointInput>;

export const ListRecoveryPointsInput = PageInput.extend({ agentId: Id });
export type ListRecoveryPointsInput = z.infer<typeof ListRecoveryPointsInput>;

/** One line of a folder image as a browser shows it. Names that are not UTF-8 come with replacement characters and `pathBase64`. */
export const BrowseEntry = z.object({
  name: z.string(),
  path: z.string(),
  pathBase64: z.string(),
  type: z.enum(["file", "folder", "link", "other"]),
  sizeBytes: Bytes,
  modifiedAt: Instant,
  linkTarget: z.string().nullable(),
});
export type BrowseEntry = z.infer<typeof BrowseEntry>;

export const BrowseInput = z.object({
  recoveryPointId: Id,
  imageId: Id,
  /** Base64url of the folder's path inside the image; empty = its root. */
  folder: z.string().max(8192).default(""),
  cursor: z.string().max(8192).optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(200),
});
export type BrowseInput = z.infer<typeof BrowseInput>;

export const RestoreInput = z.object({
  recoveryPointId: Id,
  imageId: Id,
  /** Absolute. A folder image wants a folder that is empty or does not exist; others want a file that does not exist. */
  destination: z.string().min(1).max(4096),
});
export type RestoreInput = z.infer<typeof RestoreInput>;
