import { z } from "zod";
import { Id } from "@/lib/engine/schemas";

/** Shapes of the ReplicationCommunication contract that belong to seed drives, under the contract's names. Pure. */

/** Drives of one agent in one answer, newest first. */
export const CONSUMED_DRIVES_MAX = 1_000;

export const ConsumedSeedDrives = z.object({
  seedDriveIds: z.array(Id).max(CONSUMED_DRIVES_MAX).meta({ xmlItem: "guid" }),
});
export type ConsumedSeedDrives = z.infer<typeof ConsumedSeedDrives>;
