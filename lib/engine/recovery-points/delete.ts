import "server-only";
import { withTransaction } from "@/lib/db/transaction";
import { writeAudit } from "@/lib/engine/audit";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";
import { discardManifest } from "@/lib/engine/manifests";
import { ensureDomain } from "@/lib/engine/repositories/open";
import { notFound } from "@/lib/errors";
import { documentKey } from "./document";

/**
 * Removes a recovery point in the reverse order of how it was written: rows, document, manifests. Its records stay until a
 * clean-up finds that nothing refers to them. Killed in between, it leaves files that nothing lists; calling it again is
 * `not_found`. Throws `not_found`.
 */
export async function deleteRecoveryPoint(ctx: EngineContext, { id }: { id: string }): Promise<void> {
  const point = await ctx.db.prisma.recoveryPoint.findUnique({
    where: { id },
    include: { images: { select: { id: true } }, agent: { select: { tenantId: true } } },
  });
  if (!point) throw notFound("recovery point");
  const domain = await ensureDomain(ctx, { repositoryId: point.repositoryId, tenantId: point.agent.tenantId });
  await withTransaction(ctx.db, async (tx) => {
    const { count } = await tx.recoveryPoint.deleteMany({ where: { id } });
    if (count === 0) throw notFound("recovery point");
    await writeAudit(tx, ctx, "recovery-point.delete", id, { agentId: point.agentId });
    await emitEvent(tx, "recovery-point", id);
  });
  await domain.storage.delete(documentKey(domain.prefix, point.agentId, id));
  for (const image of point.images) await discardManifest(ctx, domain, image.id);
}
