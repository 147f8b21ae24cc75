import "server-only";
import { withTransaction } from "@/lib/db/transaction";
import { writeAudit } from "@/lib/engine/audit";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";
import { identityName } from "@/lib/engine/seed-drives/identity";
import { deleteKeys } from "@/lib/engine/trust/sealed-keys";
import { conflict, notFound } from "@/lib/errors";
import { toTaskReport, withAgent } from "./convert";
import type { TaskReport } from "./schemas";

/** Cancels what is queued at once; what runs hears of it within about a second. Throws `conflict` when it has ended. */
export function cancelTask(ctx: EngineContext, { id }: { id: string }): Promise<TaskReport> {
  return withTransaction(ctx.db, async (tx) => {
    const now = ctx.now();
    const queued = await tx.task.updateMany({
      where: { id, state: "queued" },
      data: { state: "cancelled", phase: "cancelled", cancelRequestedAt: now, endedAt: now },
    });
    if (queued.count === 0)
      await tx.task.updateMany({
        where: { id, state: "running", cancelRequestedAt: null },
        data: { cancelRequestedAt: now },
      });
    const row = await tx.task.findUnique({ where: { id }, include: withAgent });
    if (!row) throw notFound("task");
    if (row.cancelRequestedAt === null)
      throw conflict(`This ${row.kind} has ended already (${row.state}); there is nothing to cancel.`);
    if (queued.count > 0 && row.seedDriveId !== null) await deleteKeys(tx, [identityName(row.seedDriveId)]);
    await writeAudit(tx, ctx, `${row.kind}.cancel`, id);
    await emitEvent(tx, "task", id);
    return toTaskReport(row);
  });
}
