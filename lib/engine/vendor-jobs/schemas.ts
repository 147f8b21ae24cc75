import { z } from "zod";
import { DoorName } from "@/lib/engine/doors/schemas";

/** What a client of another vendor's API ordered, and what it was told. */
export const RecordVendorJobInput = z.object({
  door: DoorName,
  /** In the words of that API. */
  action: z.string().max(100),
  resourceType: z.string().max(100),
  resourceId: z.string().max(300).nullable(),
  resourceName: z.string().max(300),
  startedAt: z.date(),
  responseStatus: z.number().int().min(200).max(599),
  responseBody: z.json().nullable(),
});
export type RecordVendorJobInput = z.infer<typeof RecordVendorJobInput>;
