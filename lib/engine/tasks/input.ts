import { z } from "zod";
import { Id } from "@/lib/engine/schemas";

/** What a task was asked to do, as its row keeps it. Ids of what it makes are chosen beforehand: running it twice makes it once. */
export const CaptureWork = z.object({
  recoveryPointId: Id,
  volumes: z.array(z.object({ volumeId: Id, imageId: Id })),
  /** Absent: a person or a script asked for it. */
  origin: z.enum(["scheduled", "replication"]).optional(),
  /** The rule that asked for it. */
  snapshotRuleId: Id.optional(),
});
export type CaptureWork = z.infer<typeof CaptureWork>;

/** Bytes that a client sends: nobody can run it again. */
export const StreamWork = CaptureWork.extend({ stream: z.literal(true) });

export const RestoreWork = z.object({ recoveryPointId: Id, imageId: Id, destination: z.string() });
export type RestoreWork = z.infer<typeof RestoreWork>;
