import "server-only";
import { withTransaction } from "@/lib/db/transaction";
import { writeAudit } from "@/lib/engine/audit";
import type { EngineContext } from "@/lib/engine/context";
import { writeDocuments } from "@/lib/engine/documents";
import { emitEvent } from "@/lib/engine/events/emit";
import { raiseMetadataVersion, wakeTargets } from "@/lib/engine/metadata/announce";
import { conflict, notFound } from "@/lib/errors";
import { getRecoveryPoint } from "./get";
import { leaderOf, withLeader } from "./led";
import type { RecoveryPointDetail, UpdateRecoveryPointInput } from "./schemas";

/**
 * Sets what people say of a recovery point: its label, and whether it may be deleted. Targets hear of it soon. Throws `not_found`,
 * `conflict` for a replica, which carries the words of its source.
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
  await withTransaction(ctx.db, async (tx) => {
    const metadataVersion = await raiseMetadataVersion(tx, point.agentId);
    const { count } = await tx.recoveryPoint.updateMany({ where: { id }, data: { label, locked, metadataVersion } });
    if (count === 0) throw notFound("recovery point");
    await writeAudit(tx, ctx, "recovery-point.update", id, { agentId: point.agentId, label, locked });
    await emitEvent(tx, "recovery-point", id);
  });
  await writeDocuments(ctx, [id]);
  await wakeTargets(ctx, point.agentId);
  return getRecoveryPoint(ctx, { id });
}
