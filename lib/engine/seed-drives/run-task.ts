import "server-only";
import { withTransaction } from "@/lib/db/transaction";
import type { Counters } from "@/lib/engine/capture/counters";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";
import { notFound, type TwincoreError } from "@/lib/errors";
import type { Task } from "@/prisma/generated/client";
import { consumeDrive } from "./consume";
import { exportSeedDrive } from "./export";
import { forgetIdentity } from "./identity";

/** The work of a task about a seed drive; answers the words that it ends with. */
export async function runSeedDriveTask(
  ctx: EngineContext,
  task: Task,
  run: { counters: Counters; signal: AbortSignal },
): Promise<string> {
  const driveId = task.seedDriveId;
  if (driveId === null) throw notFound("seed drive");
  if (task.kind === "export_seed_drive") return exportSeedDrive(ctx, { driveId, ...run });
  return consumeDrive(ctx, { driveId, folder: folderOf(task), ...run });
}

/** After the end of such a task, whatever it was: the key that it needed is forgotten, and the drive's row says what went wrong. */
export async function endSeedDriveTask(ctx: EngineContext, task: Task, error: TwincoreError | null): Promise<void> {
  const { seedDriveId: id } = task;
  if (id === null) return;
  await forgetIdentity(ctx, id);
  await withTransaction(ctx.db, async (tx) => {
    if (error)
      await tx.seedDrive.updateMany({
        where: { id },
        data: { failureCode: error.code, failureMessage: error.message },
      });
    await emitEvent(tx, "seed-drive", id);
  });
}

function folderOf(task: Task): string {
  const input: unknown = task.input;
  if (typeof input === "object" && input !== null && "folder" in input && typeof input.folder === "string")
    return input.folder;
  throw notFound("folder of this task");
}
