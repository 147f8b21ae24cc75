import "server-only";
import { withTransaction } from "@/lib/db/transaction";
import { writeAudit } from "@/lib/engine/audit";
import type { EngineContext } from "@/lib/engine/context";
import { writeDocuments } from "@/lib/engine/documents";
import { emitEvent } from "@/lib/engine/events/emit";
import { raiseMetadataVersion, wakeTargets } from "@/lib/engine/metadata/announce";
import { guard } from "@/lib/engine/protection/guard";
import { conflict, notFound } from "@/lib/errors";
import { getRecoveryPoint } from "./get";
import { leaderOf, withLeader } from "./led";
import { nameOfPoint } from "./name";
import type { RecoveryPointDetail, UpdateRecoveryPointInput } from "./schemas";

/**
 * Sets what people say of a recovery point: its label, and whether it may be deleted. Targets hear of it soon. Throws `not_found`,
 * `conflict` for a replica, which carries the words of its source. Unlocking is protected.
 */
export async function updateRecoveryPoint(
  ctx: EngineContext,
  { id, label, locked }: UpdateRecoveryPointInput,
): Promise<RecoveryPointDetail> {
  const point = await ctx.db.prisma.recoveryPoint.findUnique({ where: { id }, include: withLeader });
  if (!point) throw notFound("recovery point");
  const leader = leaderOf(point);
  if (leader !== null)
    throw conflict(
      `Label and lock of this recovery point are those of ${leader}. Change them there; they arrive here.`,
    );
  const unlocks = point.locked && locked === false;
  if (unlocks)
    await guard(ctx, {
      action: "recovery-point.unlock",
      subject: { kind: "recovery-point", id },
      title: `Unlock the recovery point ${nameOfPoint(point)}, so that it may be deleted.`,
      input: { id, label, locked },
      tenantId: point.agent.tenantId,
    });
  await withTransaction(ctx.db, async (tx) => {
    const metadataVersion = await raiseMetadataVersion(tx, point.agentId);
    // Locked since it was looked at: that takes an unlocking of its own.
    const where = locked === false && !unlocks ? { id, locked: false } : { id };
    const { count } = await tx.recoveryPoint.updateMany({ where, data: { label, locked, metadataVersion } });
    if (count === 0 && (await tx.recoveryPoint.count({ where: { id } })) > 0)
      throw conflict("Somebody locked this recovery point just now. Look again.");
    if (count === 0) throw notFound("recovery point");
    await writeAudit(tx, ctx, "recovery-point.update", id, { agentId: point.agentId, label, locked });
    await emitEvent(tx, "recovery-point", id);
  });
  await writeDocuments(ctx, [id]);
  await wakeTargets(ctx, point.agentId);
  return getRecoveryPoint(ctx, { id });
}
