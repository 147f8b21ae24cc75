import { z } from "zod";
import { Bytes, Id } from "@/lib/engine/schemas";
import { Day } from "@/lib/engine/usage/meters";

export const RepositoryOutlook = z.object({
  id: Id,
  name: z.string(),
  storedBytes: Bytes,
  freeBytes: Bytes,
  /** The day on which its disk will be full if it grows on as in the last 90 days; null: it does not grow, or that cannot be told yet. */
  fullOn: Day.nullable(),
});
export type RepositoryOutlook = z.infer<typeof RepositoryOutlook>;

/** The one that will be full first stands first. */
export const StorageOutlook = z.object({ repositories: z.array(RepositoryOutlook) });
export type StorageOutlook = z.infer<typeof StorageOutlook>;
