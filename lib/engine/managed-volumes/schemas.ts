import { z } from "zod";
import { Id } from "@/lib/engine/schemas";

/** A quarter of a petabyte: sparse, so that only what is written takes room. */
const SIZE_BYTES_MAX = 2 ** 48;

export const CreateManagedVolumeInput = z.object({
  agentId: Id,
  name: z.string().trim().min(1).max(120),
  sizeBytes: z.number().int().min(1).max(SIZE_BYTES_MAX),
  description: z.string().trim().max(1000).default(""),
});
export type CreateManagedVolumeInput = z.input<typeof CreateManagedVolumeInput>;

export const MoveVolumeInput = z.object({ volumeId: Id, agentId: Id });
export type MoveVolumeInput = z.infer<typeof MoveVolumeInput>;
