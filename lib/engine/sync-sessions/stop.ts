import "server-only";
import { withTransaction } from "@/lib/db/transaction";
import { writeAudit } from "@/lib/engine/audit";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";
import { notFound } from "@/lib/errors";
import { toSummary, withRepository } from "./convert";
import type { SyncSessionSummary } from "./schemas";

/**
 * Stops a session: a queued one at once, a running one within about a second. The next one of the repository goes on where it
 * was. One that has ended is answered as it is. Throws `not_found`.
 */
export function stopSync(ctx: EngineContext, { id }: { id: string }): Promise<SyncSessionSummary> {
  return withTransaction(ctx.db, async (tx) => {
    const now = ctx.now();
    const queued = await tx.syncSession.updateMany({
      where: { id, state: "queued" },
      data: { state: "stopped", stopRequestedAt: now, endedAt: now },
    });
    const running = await tx.syncSession.updateMany({
      where: { id, state: "running", stopRequestedAt: null },
      data: { stopRequestedAt: now },
    });
    const row = await tx.syncSession.findUnique({ where: { id }, include: withRepository });
    if (!row) throw notFound("sync session");
    if (queued.count + running.count > 0) {
      await writeAudit(tx, ctx, "repository.sync-stop", row.repositoryId, { syncSessionId: id });
      await emitEvent(tx, "sync-session", id);
      await emitEvent(tx, "repository", row.repositoryId);
    }
    return toSummary(row);
  });
}
