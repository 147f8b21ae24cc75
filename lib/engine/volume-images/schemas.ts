import { z } from "zod";
import { Bytes, Id, Instant } from "@/lib/engine/schemas";

export const VolumeImageState = z.enum(["available", "restoring", "deleting", "lost"]);
export type VolumeImageState = z.infer<typeof VolumeImageState>;

/** A volume image with everything around it that a list of images shows. */
export const VolumeImageReport = z.object({
  id: Id,
  /** The label of its recovery point, or "<agent> <sequence>". */
  name: z.string(),
  kind: z.enum(["folder", "image", "stream"]),
  state: VolumeImageState,
  sizeBytes: Bytes,
  recoveryPointId: Id,
  /** How many images the recovery point has. */
  siblings: z.number().int(),
  sequence: z.number().int(),
  origin: z.enum(["user", "scheduled", "replication"]),
  locked: z.boolean(),
  createdAt: Instant,
  committedAt: Instant,
  expiresAt: Instant.nullable(),
  lostReason: z.string().nullable(),
  volume: z.object({ id: Id, name: z.string() }),
  agent: z.object({ id: Id, name: z.string() }),
  tenantId: Id,
  repositoryId: Id,
  /** Another core is current for its agent. */
  isReplica: z.boolean(),
});
export type VolumeImageReport = z.infer<typeof VolumeImageReport>;

export const VolumeImageOrder = z.enum(["createdAt", "name", "sizeBytes"]);

export const ListVolumeImagesInput = z.object({
  /** null: all tenants. */
  tenantId: Id.nullable(),
  id: Id.optional(),
  recoveryPointId: Id.optional(),
  repositoryId: Id.optional(),
  /** Of a volume or of an agent. */
  resourceId: Id.optional(),
  resourceName: z.string().max(255).optional(),
  name: z.string().max(255).optional(),
  kinds: z.array(z.enum(["folder", "image", "stream"])).optional(),
  isReplica: z.boolean().optional(),
  /** Not the first recovery point of its agent. */
  isIncremental: z.boolean().optional(),
  states: z.array(VolumeImageState).optional(),
  from: z.date().optional(),
  to: z.date().optional(),
  /** Only what comes behind this image in the order of the list. */
  afterId: Id.optional(),
  orderBy: VolumeImageOrder.default("createdAt"),
  descending: z.boolean().default(true),
  limit: z.number().int().min(0).max(1000),
  offset: z.number().int().min(0).max(10_000_000).default(0),
});
export type ListVolumeImagesInput = z.input<typeof ListVolumeImagesInput>;
