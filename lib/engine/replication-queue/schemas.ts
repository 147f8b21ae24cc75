import { z } from "zod";
import { Bytes, Id, Instant, page } from "@/lib/engine/schemas";
import { RunReport } from "@/lib/engine/sessions/schemas";

/** What becomes of a backup on its way to one target. */
export const QueueStatus = z.enum(["needed", "in-progress", "done", "failed", "aborted"]);
export type QueueStatus = z.infer<typeof QueueStatus>;

const QueueEntry = z.object({
  /** The recovery point's id, and its number on this core. */
  recoveryPointId: Id.nullable(),
  number: z.number().int().nullable(),
  createdAt: Instant.nullable(),
  sizeBytes: Bytes,
  sessionId: Id,
  agent: z.object({ id: Id, name: z.string() }),
  peer: z.object({ pairingId: Id, number: z.number().int(), name: z.string() }),
  policyName: z.string().nullable(),
});

/** A run that goes on, with the backup it is at. */
export const ActiveEntry = QueueEntry.extend({ run: RunReport });
export type ActiveEntry = z.infer<typeof ActiveEntry>;

/** A backup that the target lacks and no run sends just now. */
export const WaitingEntry = QueueEntry.extend({ position: z.number().int(), status: QueueStatus });
export type WaitingEntry = z.infer<typeof WaitingEntry>;

export const WaitingPage = page(WaitingEntry);
export type WaitingPage = z.infer<typeof WaitingPage>;

export const ListReplicationQueueInput = z.object({
  /** Only what goes to one target, by the pairing's number. */
  peerNumber: z.number().int().optional(),
  offset: z.number().int().min(0).max(10_000_000).default(0),
  limit: z.number().int().min(0).max(2_000).default(1_000),
});
export type ListReplicationQueueInput = z.input<typeof ListReplicationQueueInput>;

export const QueueRecoveryPointsInput = z.object({
  /** Numbers of recovery points on this core. */
  numbers: z.array(z.number().int().positive()).min(1).max(1_000),
  /** Only to this target, by its name or host; all targets of each agent when absent. */
  target: z.string().trim().min(1).max(300).optional(),
});
export type QueueRecoveryPointsInput = z.infer<typeof QueueRecoveryPointsInput>;
