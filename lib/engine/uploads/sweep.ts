import "server-only";
import { withTransaction } from "@/lib/db/transaction";
import { writeAudit } from "@/lib/engine/audit";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvents } from "@/lib/engine/events/emit";
import { IDLE_HOURS, REMEMBERED_HOURS } from "./bounds";
import { purgeUpload, removeLeftovers } from "./purge";

const HOUR_MS = 3_600_000;
/** More are left for the next sweep. */
const UPLOADS_MAX = 50;

/** Gives up uploads that nobody goes on with, removes what uploads that are over left behind, and forgets them after a day. */
export async function sweepUploads(ctx: EngineContext): Promise<void> {
  await expireIdle(ctx);
  const over = { state: { not: "open" as const } };
  const unpurged = await ctx.db.prisma.uploadSession.findMany({
    where: { ...over, purgedAt: null },
    select: { id: true },
    take: UPLOADS_MAX,
  });
  for (const { id } of unpurged) await purgeUpload(ctx, id);
  const forgotten = await ctx.db.prisma.uploadSession.findMany({
    where: { ...over, purgedAt: { lt: new Date(ctx.now().getTime() - REMEMBERED_HOURS * HOUR_MS) } },
    select: { id: true },
    take: UPLOADS_MAX,
  });
  // Once more: a piece may have been on its way when the upload was cancelled.
  for (const { id } of forgotten) await removeLeftovers(ctx, id);
  await ctx.db.prisma.uploadSession.deleteMany({ where: { id: { in: forgotten.map(({ id }) => id) } } });
}

async function expireIdle(ctx: EngineContext): Promise<void> {
  const idleSince = new Date(ctx.now().getTime() - IDLE_HOURS * HOUR_MS);
  await withTransaction(ctx.db, async (tx) => {
    const expired = await tx.uploadSession.updateManyAndReturn({
      where: { state: "open", updatedAt: { lt: idleSince } },
      data: { state: "expired", updatedAt: ctx.now() },
      select: { id: true, fileName: true },
    });
    if (expired.length === 0) return;
    await writeAudit(tx, ctx, "upload.expire", "", { files: expired.map(({ fileName }) => fileName).slice(0, 100) });
    await emitEvents(
      tx,
      "core-file",
      expired.map(({ id }) => id),
    );
  });
}
