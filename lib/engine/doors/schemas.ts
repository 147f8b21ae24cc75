import { z } from "zod";

/** The doors of other vendors' APIs. */
export const DoorName = z.enum(["unitrends", "powerstore", "cbr", "veeam"]);
export type DoorName = z.infer<typeof DoorName>;

export const DoorReport = z.object({ name: DoorName, isOpen: z.boolean() });
export type DoorReport = z.infer<typeof DoorReport>;

export const DoorList = z.object({
  /** Where the vendor listener of this core is reached; null when it has none. */
  url: z.string().nullable(),
  doors: z.array(DoorReport),
});
export type DoorList = z.infer<typeof DoorList>;

export const SetDoorInput = z.object({ name: DoorName, isOpen: z.boolean() });
export type SetDoorInput = z.infer<typeof SetDoorInput>;
