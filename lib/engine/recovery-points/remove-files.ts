import "server-only";
import { withTransaction } from "@/lib/db/transaction";
import type { EngineContext } from "@/lib/engine/context";
import { manifestKey } from "@/lib/engine/manifests/format";
import { ensureDomain } from "@/lib/engine/repositories/open";
import { toTwincoreError } from "@/lib/errors";
import { documentKey } from "./document";

/** A point may have a thousand images, and S3 takes a while for each. */
const TIMEOUT_MS = 5 * 60_000;
/** The one that removes the rows removes the files too; only what it left for this long was left by a crash. */
const LEFT_MS = 60_000;
/** As many as one sweep, which ends within its minute, may remove. */
const PER_SWEEP = 200;

/**
 * Removes the files of a point whose rows are gone: document, then manifests. May be repeated. A point that came again meanwhile
 * keeps its files: commits hold the same locks between their look at the manifests and their rows.
 */
export async function removeFiles(ctx: EngineContext, pointId: string): Promise<void> {
  const removed = await ctx.db.prisma.removedPoint.findUnique({ where: { id: pointId } });
  if (!removed) return;
  const { storage, prefix } = await ensureDomain(ctx, removed);
  await withTransaction(
    ctx.db,
    async (tx) => {
      await tx.$executeRaw`
        select pg_advisory_xact_lock(hashtextextended(image_id, 0))
        from (select unnest(${removed.imageIds}::text[]) as image_id order by 1) as images`;
      const images = await tx.volumeImage.findMany({ where: { id: { in: removed.imageIds } }, select: { id: true } });
      // Of a point that was moved to another agent, the document under its former one goes.
      const place = { id: pointId, agentId: removed.agentId };
      const isBack = await tx.recoveryPoint.findFirst({ where: place, select: { id: true } });
      const used = new Set(images.map(({ id }) => id));
      if (!isBack) await storage.delete(documentKey(prefix, removed.agentId, pointId));
      for (const id of removed.imageIds) if (!used.has(id)) await storage.delete(manifestKey(prefix, id));
      await tx.removedPoint.deleteMany({ where: { id: pointId } });
    },
    TIMEOUT_MS,
  );
}

/** Removes what a crash left behind, the oldest first. One that fails waits for the next sweep. */
export async function sweepRemovedPoints(ctx: EngineContext): Promise<void> {
  const left = await ctx.db.prisma.removedPoint.findMany({
    where: { removedAt: { lt: new Date(ctx.now().getTime() - LEFT_MS) } },
    orderBy: { removedAt: "asc" },
    select: { id: true },
    take: PER_SWEEP,
  });
  for (const { id } of left)
    await removeFiles(ctx, id).catch((thrown: unknown) =>
      ctx.log.warn({ pointId: id, error: toTwincoreError(thrown).message }, "files of a deleted point are left"),
    );
}
