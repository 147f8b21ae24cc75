import "server-only";
import { withTransaction } from "@/lib/db/transaction";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";
import { openRepository } from "@/lib/engine/repositories/open";
import { toTwincoreError } from "@/lib/errors";
import { outgoingKey } from "./convert";

type End = { state: "sent" | "cancelled" } | { state: "failed"; thrown: unknown };

/** Notes how the sending of a file ended, if it had not ended already, and removes its bytes here. */
export async function endFile(ctx: EngineContext, id: string, end: End): Promise<void> {
  const error = end.state === "failed" ? toTwincoreError(end.thrown) : null;
  await withTransaction(ctx.db, async (tx) => {
    const now = ctx.now();
    const { count } = await tx.outgoingFile.updateMany({
      where: { id, state: { in: ["receiving", "queued", "sending"] } },
      data: {
        state: end.state,
        failureCode: error?.code ?? null,
        failureMessage: error?.message ?? null,
        endedAt: now,
        updatedAt: now,
      },
    });
    if (count > 0) await emitEvent(tx, "core-file", id);
  });
  await purgeFile(ctx, id).catch((err: unknown) =>
    ctx.log.warn({ file: id, err }, "the bytes of a file that was sent could not be removed yet"),
  );
}

/** Removes the bytes of a file whose sending is over. */
export async function purgeFile(ctx: EngineContext, id: string): Promise<void> {
  const row = await ctx.db.prisma.outgoingFile.findUnique({ where: { id } });
  if (!row?.endedAt) return;
  const { storage } = await openRepository(ctx, row.repositoryId);
  await storage.delete(outgoingKey(id));
  await ctx.db.prisma.outgoingFile.update({ where: { id }, data: { purgedAt: ctx.now() } });
}
