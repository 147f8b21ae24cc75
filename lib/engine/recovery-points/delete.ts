import "server-only";
import type { Tx } from "@/lib/db/client";
import { withTransaction } from "@/lib/db/transaction";
import { writeAudit } from "@/lib/engine/audit";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";
import { raiseMetadataVersion, wakeTargets } from "@/lib/engine/metadata/announce";
import { ensureDomain } from "@/lib/engine/repositories/open";
import { conflict, notFound } from "@/lib/errors";
import { removeFiles } from "./remove-files";

/** What else must hold, or happen, in the transaction that removes the rows; what it throws keeps the point. */
export type DeletionStep = (tx: Tx, point: { id: string; agentId: string }) => Promise<void>;

/**
 * Removes a recovery point in the reverse order of how it was written: rows, document, manifests. Its records stay until a
 * clean-up finds that nothing refers to them. The transaction that removes the rows notes which files are still to go, so that
 * they go after a crash as well. Targets that were told of the agent are told of the deletion. Throws `not_found`, `conflict` when
 * the point is locked, and what its repository throws when it cannot be reached: then nothing was removed.
 */
export async function deleteRecoveryPoint(
  ctx: EngineContext,
  { id }: { id: string },
  step?: DeletionStep,
): Promise<void> {
  const point = await ctx.db.prisma.recoveryPoint.findUnique({
    where: { id },
    include: { images: { select: { id: true } }, agent: { select: { tenantId: true } } },
  });
  if (!point) throw notFound("recovery point");
  const { agentId, repositoryId, images, agent } = point;
  await ensureDomain(ctx, { repositoryId, tenantId: agent.tenantId });
  await withTransaction(ctx.db, async (tx) => {
    await step?.(tx, point);
    await deleteRows(tx, ctx, point);
    const imageIds = images.map((image) => image.id);
    const left = { id, agentId, repositoryId, tenantId: agent.tenantId, imageIds, removedAt: ctx.now() };
    await tx.removedPoint.upsert({ where: { id }, create: left, update: left });
  });
  await removeFiles(ctx, id);
  await wakeTargets(ctx, point.agentId);
}

interface Point {
  readonly id: string;
  readonly agentId: string;
  readonly repositoryId: string;
  readonly agent: { readonly tenantId: string };
  readonly sequence: bigint;
}

async function deleteRows(
  tx: Tx,
  ctx: EngineContext,
  { id, agentId, repositoryId, agent, sequence }: Point,
): Promise<void> {
  const metadataVersion = await raiseMetadataVersion(tx, agentId);
  // The lock is looked at in the statement that deletes: nobody can lock the point in between.
  const { count } = await tx.recoveryPoint.deleteMany({ where: { id, locked: false } });
  if (count === 0) throw await whyNot(tx, id);
  await tx.$executeRaw`
    update agent set sequence_floor = greatest(sequence_floor, ${sequence}) where id = ${agentId}::uuid`;
  await moveNewest(tx, id, agentId, sequence);
  const where = { agentId, OR: [{ side: "source" as const }, { role: "source" as const }] };
  const told = await tx.replicationSession.count({ where });
  if (told > 0) await tx.deletedRecoveryPoint.create({ data: { id, agentId, metadataVersion, at: ctx.now() } });
  await writeAudit(tx, ctx, "recovery-point.delete", id, { agentId, repositoryId, tenantId: agent.tenantId });
  await emitEvent(tx, "recovery-point", id);
}

/** Sessions whose newest complete point it was count from the one before: what is pending does not grow by a deletion. */
async function moveNewest(tx: Tx, id: string, agentId: string, sequence: bigint): Promise<void> {
  const before = await tx.recoveryPoint.findFirst({
    where: { agentId, sequence: { lt: sequence } },
    orderBy: { sequence: "desc" },
    select: { id: true, createdAt: true },
  });
  await tx.replicationSession.updateMany({
    where: { agentId, newestPointId: id },
    data: { newestPointId: before?.id ?? null, newestPointAt: before?.createdAt ?? null },
  });
}

async function whyNot(tx: Tx, id: string): Promise<Error> {
  const locked = (await tx.recoveryPoint.count({ where: { id } })) > 0;
  return locked
    ? conflict("This recovery point is locked, so it is not deleted. Unlock it first.")
    : notFound("recovery point");
}
