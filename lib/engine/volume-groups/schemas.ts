import { z } from "zod";
import { Id } from "@/lib/engine/schemas";

const Name = z.string().trim().min(1).max(120);
const Description = z.string().trim().max(1000);

/** A group of disk images that this core keeps itself: an agent without a machine. */
export const CreateVolumeGroupInput = z.object({
  name: Name,
  description: Description.default(""),
  policyId: Id.nullable().default(null),
  /** Volumes that were alone so far. */
  volumeIds: z.array(Id).max(1_000).default([]),
});
export type CreateVolumeGroupInput = z.input<typeof CreateVolumeGroupInput>;

/** A disk image outside of any group: an agent that is made for it. */
export const CreateSingleVolumeInput = z.object({
  name: Name,
  description: Description.default(""),
  sizeBytes: z.number().int().min(1),
  policyId: Id.nullable().default(null),
});
export type CreateSingleVolumeInput = z.input<typeof CreateSingleVolumeInput>;

export const UpdateVolumeGroupInput = z.object({
  agentId: Id,
  name: Name.optional(),
  description: Description.optional(),
});
export type UpdateVolumeGroupInput = z.input<typeof UpdateVolumeGroupInput>;

export const UpdateVolumeInput = z.object({
  volumeId: Id,
  name: Name.optional(),
  description: Description.optional(),
});
export type UpdateVolumeInput = z.input<typeof UpdateVolumeInput>;

export const MembersInput = z.object({ agentId: Id, volumeIds: z.array(Id).min(1).max(1_000) });
export type MembersInput = z.input<typeof MembersInput>;
