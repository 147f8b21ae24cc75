import { z } from "zod";

/** Where a session is: enough for another process, or the next session, to go on. */
export const SyncCursor = z.object({
  /** Marks the packs whose files were seen; the same for all sessions that go on from one another. */
  walkId: z.uuid(),
  /** Packs that were indexed later are none of those that storage can have lost. */
  lastPack: z.string().regex(/^\d{1,19}$/),
  /** Of the points phase: first the documents of storage, then the points of the catalog. */
  part: z.enum(["files", "catalog"]).default("files"),
  /** The last key or id that is done in this phase; empty at its beginning. */
  after: z.string().default(""),
  /** Which loss of records each domain's points are being looked at for, by domain id. */
  losses: z.record(z.string(), z.number().int()).default({}),
});
export type SyncCursor = z.infer<typeof SyncCursor>;
