import "server-only";
import { withTransaction } from "@/lib/db/transaction";
import { writeAudit } from "@/lib/engine/audit";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";
import { newPackId as newId } from "@/lib/engine/packs/pack-id";
import type { RestoreInput } from "@/lib/engine/recovery-points/schemas";
import { checkDestination } from "@/lib/engine/restore/destination";
import { findImage } from "@/lib/engine/restore/image";
import { toTaskReport, withAgent } from "./convert";
import type { RestoreWork } from "./input";
import type { TaskReport } from "./schemas";

/** Queues a restore of one volume image to a place on this machine. Throws `invalid_input` for a place that cannot be. */
export async function startRestore(ctx: EngineContext, input: RestoreInput): Promise<TaskReport> {
  const image = await findImage(ctx, input);
  await checkDestination(ctx, { destination: input.destination, kind: image.kind });
  const work: RestoreWork = {
    recoveryPointId: input.recoveryPointId,
    imageId: input.imageId,
    destination: input.destination,
  };
  const task = await withTransaction(ctx.db, async (tx) => {
    const made = await tx.task.create({
      data: {
        id: newId(ctx.now().getTime()),
        kind: "restore",
        agentId: image.agent.id,
        recoveryPointId: image.point.id,
        input: work,
        bytesTotal: BigInt(image.sizeBytes),
        createdAt: ctx.now(),
      },
      include: withAgent,
    });
    await writeAudit(tx, ctx, "restore.start", image.point.id, { taskId: made.id, destination: input.destination });
    await emitEvent(tx, "task", made.id);
    return made;
  });
  await ctx.enqueue("run-task", { taskId: task.id }, { key: task.id });
  return toTaskReport(task);
}
