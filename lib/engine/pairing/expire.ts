import "server-only";
import { withTransaction } from "@/lib/db/transaction";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";

/** A poll comes at least every minute; one that is missing for longer was lost with its job. */
const POLL_LOST_MS = 3 * 60_000;
/** Requests that were never let in say nothing to anybody after this time. */
const KEPT_MS = 90 * 24 * 3600_000;

/** Closes requests that nobody answered in time, wakes polls and deletions whose job was lost, and forgets old requests. Part of the sweep. */
export async function expirePairings(ctx: EngineContext): Promise<void> {
  const now = ctx.now();
  await withTransaction(ctx.db, async (tx) => {
    const expired = await tx.pairing.updateManyAndReturn({
      where: { side: "target", state: "pending", expiresAt: { lte: now } },
      data: { state: "expired", message: "Nobody answered in time.", decidedAt: now },
      select: { id: true },
    });
    for (const { id } of expired) await emitEvent(tx, "pairing", id);
  });
  await ctx.db.prisma.pairing.deleteMany({
    where: { state: { in: ["expired", "denied", "ignored"] }, requestedAt: { lt: new Date(now.getTime() - KEPT_MS) } },
  });
  await wakePolls(ctx, new Date(now.getTime() - POLL_LOST_MS));
}

async function wakePolls(ctx: EngineContext, before: Date): Promise<void> {
  const waiting = await ctx.db.prisma.pairing.findMany({
    where: {
      side: "source",
      updatedAt: { lt: before },
      OR: [{ state: "pending" }, { state: "established", wantedAgents: { some: { state: "pending" } } }],
    },
    select: { id: true },
  });
  for (const { id } of waiting) await ctx.enqueue("poll-pairing", { pairingId: id }, { key: `${id}/0` });
  const unsaid = await ctx.db.prisma.$queryRaw<{ id: string }[]>`
    select pairing.id from pairing join sealed_key on sealed_key.name = 'pairing:' || pairing.id
    where side = 'source' and state = 'deleted' and decided_at < ${before}`;
  for (const { id } of unsaid) await ctx.enqueue("poll-pairing", { pairingId: id }, { key: `${id}/end` });
  const undeleted = await ctx.db.prisma.pairing.findMany({
    where: { side: "target", deletePointsAskedAt: { lt: before }, deletePointsEndedAt: null },
    select: { id: true },
  });
  for (const { id } of undeleted) await ctx.enqueue("delete-replicated-points", { pairingId: id }, { key: id });
}
