import { z } from "zod";
import { Bytes, Failure, Id, Instant, PageInput } from "@/lib/engine/schemas";

/** A capture or a restore, as data that a page can follow. Counters never go backwards. */
export const TaskReport = z.object({
  id: Id,
  kind: z.enum(["capture", "restore", "export_seed_drive", "consume_seed_drive"]),
  state: z.enum(["queued", "running", "succeeded", "failed", "cancelled"]),
  phase: z.string(),
  /** null: the task is not about one agent. */
  agent: z.object({ id: Id, name: z.string() }).nullable(),
  recoveryPointId: Id.nullable(),
  bytesDone: Bytes,
  bytesTotal: Bytes.nullable(),
  filesDone: z.number().int(),
  savedBytes: Bytes,
  rateBytesPerSecond: Bytes,
  failure: Failure.nullable(),
  createdAt: Instant,
  startedAt: Instant.nullable(),
  endedAt: Instant.nullable(),
});
export type TaskReport = z.infer<typeof TaskReport>;

export const StartCaptureInput = z.object({
  agentId: Id,
  /** Which volumes; all of them when absent. */
  volumeIds: z.array(Id).min(1).max(64).optional(),
});
export type StartCaptureInput = z.infer<typeof StartCaptureInput>;

export const ListTasksInput = PageInput.extend({ agentId: Id.optional() });
export type ListTasksInput = z.infer<typeof ListTasksInput>;
