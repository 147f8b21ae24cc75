import "server-only";
import { withTransaction } from "@/lib/db/transaction";
import { writeAudit } from "@/lib/engine/audit";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";
import { type DeletionStep, deleteRecoveryPoint } from "@/lib/engine/recovery-points/delete";
import { conflict, TwincoreError } from "@/lib/errors";

/** Points looked up by one query; between two of them pages hear how far it is. */
const BATCH = 100;
/** What became of one point while others were deleted is its own affair: locked, gone, or its agent paired anew. */
const PASSED_OVER: ReadonlySet<string> = new Set(["conflict", "not_found"]);

/**
 * Deletes what an ended pairing replicated here, if that was asked: every point of its agents but locked ones and those of agents that
 * this core is current for, each as deleteRecoveryPoint does. Killed at any moment it goes on where it was. An agent that was paired again meanwhile keeps its
 * points. Throws unavailable while a repository is away, or an image that came before the end is still being committed: the
 * job tries again.
 */
export async function deleteReplicatedPoints(
  ctx: EngineContext,
  { pairingId, signal }: { pairingId: string; signal?: AbortSignal },
): Promise<void> {
  const pairing = await ctx.db.prisma.pairing.findUnique({ where: { id: pairingId } });
  if (pairing?.side !== "target" || !pairing.deletePointsAskedAt || pairing.deletePointsEndedAt) return;
  let after: string | undefined;
  do {
    signal?.throwIfAborted();
    const batch = await nextBatch(ctx, pairingId, after);
    for (const { id } of batch) await deleteOne(ctx, pairingId, id);
    after = batch.at(-1)?.id;
    if (after) await withTransaction(ctx.db, (tx) => emitEvent(tx, "pairing", pairingId));
  } while (after);
  await conclude(ctx, pairingId);
}

function nextBatch(ctx: EngineContext, pairingId: string, after: string | undefined): Promise<{ id: string }[]> {
  return ctx.db.prisma.recoveryPoint.findMany({
    where: { agent: followersOf(pairingId), locked: false, id: { gt: after } },
    orderBy: { id: "asc" },
    select: { id: true },
    take: BATCH,
  });
}

/** Agents that failed over to this core are its own: the former source cannot take their points away. */
const followersOf = (pairingId: string) => ({ pairingId, leadPairingId: { not: null } });

async function deleteOne(ctx: EngineContext, pairingId: string, id: string): Promise<void> {
  await deleteRecoveryPoint(ctx, { id }, stillOf(pairingId)).catch((thrown: unknown) => {
    if (!(thrown instanceof TwincoreError && PASSED_OVER.has(thrown.code))) throw thrown;
  });
}

/** Counted in the transaction that removes it; its agent cannot be paired anew before that has ended. */
function stillOf(pairingId: string): DeletionStep {
  return async (tx, { agentId }) => {
    const held = await tx.$executeRaw`
      select 1 from agent where id = ${agentId}::uuid and pairing_id = ${pairingId}::uuid and lead_pairing_id is not null
      for update`;
    if (held === 0) throw conflict("The agent of this recovery point belongs to another pairing now, or to this core.");
    await tx.pairing.update({ where: { id: pairingId }, data: { pointsDeleted: { increment: 1 } } });
  };
}

async function conclude(ctx: EngineContext, pairingId: string): Promise<void> {
  await withTransaction(ctx.db, async (tx) => {
    const committing = await tx.imageSession.count({ where: { pairingId, state: "committing" } });
    const left = await tx.recoveryPoint.count({ where: { agent: followersOf(pairingId), locked: false } });
    if (committing + left > 0)
      throw new TwincoreError("unavailable", "An image of the ended pairing is still being committed.");
    const kept = await tx.recoveryPoint.count({
      where: { OR: [{ agent: { pairingId }, locked: true }, { agent: { pairingId, leadPairingId: null } }] },
    });
    const { pointsDeleted, peerName } = await tx.pairing.update({
      where: { id: pairingId },
      data: { deletePointsEndedAt: ctx.now(), pointsKept: kept },
    });
    const detail = { peer: peerName, deleted: pointsDeleted, kept };
    await writeAudit(tx, ctx, "pairing.delete-recovery-points", pairingId, detail);
    await emitEvent(tx, "pairing", pairingId);
  });
}
