import "server-only";
import { withTransaction } from "@/lib/db/transaction";
import type { EngineContext } from "@/lib/engine/context";
import { sweepOrphanedImages } from "@/lib/engine/orphaned-images";

const IDLE_HOURS = 24;
/** A commit that nobody asks about any more is finished by a job. */
const UNPOKED_MINUTES = 2;
const ROWS_MAX = 500;

/** Ends image sessions whose source went away, and forgets those that ended long ago. Nothing that was stored is lost. */
export async function sweepImageSessions(ctx: EngineContext): Promise<void> {
  const now = ctx.now().getTime();
  const forgotten = await ctx.db.prisma.imageSession.findMany({
    where: { state: "committing", updatedAt: { lt: new Date(now - UNPOKED_MINUTES * 60_000) } },
    select: { id: true },
    take: ROWS_MAX,
  });
  for (const { id } of forgotten) await ctx.enqueue("commit-image", { imageSessionId: id }, { key: id });
  await sweepOrphanedImages(ctx);
  const idleSince = new Date(now - IDLE_HOURS * 3_600_000);
  // An image that is in waits for the others of its point, however long the largest of them takes.
  const idle = await ctx.db.prisma.$queryRaw<{ id: string }[]>`
    select id from image_session s
    where updated_at < ${idleSince} and state <> 'committing'
      -- The only word of an image whose point is not here goes when the image is listed as orphaned.
      and (state <> 'committed' or exists (select 1 from volume_image where id = s.volume_image_id)
        or exists (select 1 from orphaned_image where id = s.volume_image_id))
      and not exists (
      select 1 from image_session other
      where other.agent_id = s.agent_id and other.recovery_point_id = s.recovery_point_id and other.updated_at >= ${idleSince}
    )
    limit ${ROWS_MAX}`;
  if (idle.length === 0) return;
  await withTransaction(ctx.db, (tx) =>
    tx.imageSession.deleteMany({ where: { id: { in: idle.map(({ id }) => id) } } }),
  );
  ctx.log.info({ sessions: idle.length }, "forgot idle image sessions");
}
