import "server-only";
import { withTransaction } from "@/lib/db/transaction";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";
import type { LeasedRun } from "@/lib/engine/replication/lease";

/** The newest point of the other core that is complete here too: what the lag is counted from. */
export async function noteFetched(
  ctx: EngineContext,
  { session }: LeasedRun,
  newest: { id: string; createdAt: Date } | null,
): Promise<void> {
  if (!newest || newest.id === session.newestPointId) return;
  await withTransaction(ctx.db, async (tx) => {
    await tx.replicationSession.updateMany({
      where: { id: session.id, role: "destination" },
      data: { newestPointId: newest.id, newestPointAt: newest.createdAt },
    });
    await emitEvent(tx, "session", session.id);
  });
  session.newestPointId = newest.id;
}
