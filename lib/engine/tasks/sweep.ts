import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { TwincoreError } from "@/lib/errors";
import { StreamWork } from "./input";
import { failTask } from "./run";

/** A running task writes every second; one this silent has lost its process. */
const SILENT_MS = 2 * 60 * 1000;
/** More are left for the next sweep. */
const TASKS_MAX = 500;

/** Brings back tasks whose job was lost, and ends streams whose process died: nobody can send them again but their client. */
export async function sweepTasks(ctx: EngineContext): Promise<void> {
  const silentSince = new Date(ctx.now().getTime() - SILENT_MS);
  const silent = await ctx.db.prisma.task.findMany({
    where: { state: { in: ["queued", "running"] }, updatedAt: { lt: silentSince } },
    orderBy: { id: "asc" },
    take: TASKS_MAX,
  });
  for (const task of silent) {
    // A job that exists is not queued twice.
    if (!StreamWork.safeParse(task.input).success) await ctx.enqueue("run-task", { taskId: task.id }, { key: task.id });
    else if (task.state === "running")
      await failTask(
        ctx,
        task.id,
        new TwincoreError("unavailable", "The core stopped while it received these bytes. Send them again."),
      );
  }
}
