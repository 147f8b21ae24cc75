import "server-only";
import { withTransaction } from "@/lib/db/transaction";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";
import type { LeasedRun } from "./lease";
import type { PointRow } from "./points";

/** The newest point that is complete on the target: what the lag is counted from. */
export async function noteNewest(ctx: EngineContext, leased: LeasedRun, newest: PointRow | null): Promise<void> {
  if (!newest || newest.id === leased.session.newestPointId) return;
  await withTransaction(ctx.db, async (tx) => {
    await tx.replicationSession.update({
      where: { id: leased.session.id },
      data: { newestPointId: newest.id, newestPointAt: newest.createdAt },
    });
    await emitEvent(tx, "session", leased.session.id);
  });
  leased.session.newestPointId = newest.id;
}
