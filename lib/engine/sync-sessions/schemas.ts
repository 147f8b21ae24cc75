import { z } from "zod";
import { Bytes, Failure, Id, Instant, PageInput } from "@/lib/engine/schemas";

const Count = z.number().int().nonnegative();

/** What could not be taken over or is lost, in words; `file` is its key in the repository. */
export const SyncProblem = z.object({ file: z.string(), reason: z.string() });
export type SyncProblem = z.infer<typeof SyncProblem>;

/** As many are kept of one session; the rest is counted. */
export const PROBLEMS_MAX = 1000;

/** A repository reconciling with its storage, as data that a page can follow. */
export const SyncSessionSummary = z.object({
  id: Id,
  repository: z.object({ id: Id, name: z.string() }),
  state: z.enum(["queued", "running", "stopped", "succeeded", "failed"]),
  phase: z.enum(["counting", "packs", "records", "points", "usage"]),
  /** Is every record read and compared with its digest? */
  verifyRecords: z.boolean(),
  /** Whole percent of what was counted first; 100 only when it has succeeded. */
  progressPercent: z.number().int().min(0).max(100),
  /** Packs, documents and recovery points looked at, and how many there are. */
  filesDone: Count,
  filesTotal: Count,
  /** Bytes of the packs that were looked at, and of all. */
  bytesDone: Bytes,
  bytesTotal: Bytes,
  rateFilesPerSecond: Count,
  /** Of packs; what is read of them is less unless records are verified. */
  rateBytesPerSecond: Bytes,
  packsAdopted: Count,
  packsLost: Count,
  recordsLost: Count,
  pointsAdopted: Count,
  pointsLost: Count,
  /** Points that had been lost and are whole again. */
  pointsFound: Count,
  /** Documents that were missing or damaged and were written anew from the catalog. */
  documentsWritten: Count,
  problemCount: Count,
  /** Somebody asked it to stop, and it has not yet. */
  isStopping: z.boolean(),
  failure: Failure.nullable(),
  createdBy: z.string(),
  createdAt: Instant,
  startedAt: Instant.nullable(),
  endedAt: Instant.nullable(),
});
export type SyncSessionSummary = z.infer<typeof SyncSessionSummary>;

export const SyncSessionDetail = SyncSessionSummary.extend({
  /** The first 1,000. */
  problems: z.array(SyncProblem),
});
export type SyncSessionDetail = z.infer<typeof SyncSessionDetail>;

export const StartSyncInput = z.object({
  repositoryId: Id,
  /** Read every record too, not only the ends of packs. */
  verifyRecords: z.boolean().default(false),
});
export type StartSyncInput = z.input<typeof StartSyncInput>;

export const ListSyncSessionsInput = PageInput.extend({ repositoryId: Id.optional() });
export type ListSyncSessionsInput = z.infer<typeof ListSyncSessionsInput>;
