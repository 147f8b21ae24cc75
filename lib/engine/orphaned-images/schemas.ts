import { z } from "zod";
import { Bytes, Id, Instant, PageInput } from "@/lib/engine/schemas";

/** A volume image that is complete on this core although its recovery point is not. */
export const OrphanedImage = z.object({
  id: Id,
  agentId: Id,
  recoveryPointId: Id,
  volumeId: Id,
  volumeName: z.string(),
  kind: z.enum(["folder", "image", "stream"]),
  sequence: z.number().int(),
  /** The moment it shows. */
  createdAt: Instant,
  sizeBytes: Bytes,
  /** point-incomplete: other images of its point never came. point-gone: its point was deleted, and it was left behind. */
  reason: z.enum(["point-incomplete", "point-gone"]),
  /** Volumes of its point whose images are not here. */
  missingVolumes: z.array(z.string()),
  foundAt: Instant,
});
export type OrphanedImage = z.infer<typeof OrphanedImage>;

export const ListOrphanedImagesInput = PageInput.extend({ agentId: Id });
export type ListOrphanedImagesInput = z.infer<typeof ListOrphanedImagesInput>;
