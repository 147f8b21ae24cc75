import "server-only";
import type { Tx } from "@/lib/db/client";
import { withTransaction } from "@/lib/db/transaction";
import { writeAudit } from "@/lib/engine/audit";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";
import { discardManifest } from "@/lib/engine/manifests";
import { raiseMetadataVersion, wakeTargets } from "@/lib/engine/metadata/announce";
import { ensureDomain } from "@/lib/engine/repositories/open";
import { conflict, notFound } from "@/lib/errors";
import { documentKey } from "./document";

/**
 * Removes a recovery point in the reverse order of how it was written: rows, document, manifests. Its records stay until a
 * clean-up finds that nothing refers to them. Targets that were told of the agent are told of the deletion. Killed in between, it
 * leaves files that nothing lists; calling it again is `not_found`. Throws `not_found`, `conflict` when the point is locked.
 */
export async function deleteRecoveryPoint(ctx: EngineContext, { id }: { id: string }): Promise<void> {
  const point = await ctx.db.prisma.recoveryPoint.findUnique({
    where: { id },
    include: { images: { select: { id: true } }, agent: { select: { tenantId: true } } },
  });
  if (!point) throw notFound("recovery point");
  const domain = await ensureDomain(ctx, { repositoryId: point.repositoryId, tenantId: point.agent.tenantId });
  await withTransaction(ctx.db, (tx) => deleteRows(tx, ctx, point));
  await domain.storage.delete(documentKey(domain.prefix, point.agentId, id));
  for (const image of point.images) await discardManifest(ctx, domain, image.id);
  await wakeTargets(ctx, point.agentId);
}

interface Point {
  readonly id: string;
  readonly agentId: string;
  readonly sequence: bigint;
}

async function deleteRows(tx: Tx, ctx: EngineContext, { id, agentId, sequence }: Point): Promise<void> {
  const metadataVersion = await raiseMetadataVersion(tx, agentId);
  // The lock is looked at in the statement that deletes: nobody can lock the point in between.
  const { count } = await tx.recoveryPoint.deleteMany({ where: { id, locked: false } });
  if (count === 0) throw await whyNot(tx, id);
  await tx.$executeRaw`
    update agent set sequence_floor = greatest(sequence_floor, ${sequence}) where id = ${agentId}::uuid`;
  await moveNewest(tx, id, agentId, sequence);
  const told = await tx.replicationSession.count({ where: { agentId, side: "source" } });
  if (told > 0) await tx.deletedRecoveryPoint.create({ data: { id, agentId, metadataVersion, at: ctx.now() } });
  await writeAudit(tx, ctx, "recovery-point.delete", id, { agentId });
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
