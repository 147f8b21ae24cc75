import "server-only";
import { withTransaction } from "@/lib/db/transaction";
import { writeAudit } from "@/lib/engine/audit";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";
import { discardManifest } from "@/lib/engine/manifests";
import { guard } from "@/lib/engine/protection/guard";
import { ensureDomain } from "@/lib/engine/repositories/open";
import { notFound } from "@/lib/errors";
import { whileAtRest } from "./at-rest";

/**
 * Removes an orphaned image: the row, then the manifest. Its records stay until a clean-up finds that nothing refers to them.
 * Killed in between, the image is found and listed again while its session is known. Throws `not_found`, `conflict` while the
 * source sends its point. Protected.
 */
export async function removeOrphanedImage(ctx: EngineContext, { id }: { id: string }): Promise<Record<string, never>> {
  const orphan = await ctx.db.prisma.orphanedImage.findUnique({
    where: { id },
    include: { agent: { select: { tenantId: true, name: true } } },
  });
  if (!orphan) throw notFound("orphaned image");
  const { repositoryId, recoveryPointId, agentId, volumeName } = orphan;
  await guard(ctx, {
    action: "orphaned-image.remove",
    subject: { kind: "agent", id: agentId },
    title: `Remove the orphaned image of "${volumeName}" of "${orphan.agent.name}".`,
    input: { id },
    tenantId: orphan.agent.tenantId,
  });
  const domain = await ensureDomain(ctx, { repositoryId, tenantId: orphan.agent.tenantId });
  await whileAtRest(ctx, recoveryPointId, async () => {
    await withTransaction(ctx.db, async (tx) => {
      const { count } = await tx.orphanedImage.deleteMany({ where: { id } });
      if (count === 0) throw notFound("orphaned image");
      await writeAudit(tx, ctx, "orphaned-image.remove", id, { agentId, recoveryPointId, volumeName });
      await emitEvent(tx, "agent", agentId);
    });
    await discardManifest(ctx, domain, id);
  });
  return {};
}
