import "server-only";
import { withTransaction } from "@/lib/db/transaction";
import type { EngineContext } from "@/lib/engine/context";
import { openRepository } from "@/lib/engine/repositories/open";
import { fileKey, piecesPrefix } from "./keys";

/** Removes what an upload that is over has left in storage. What fails is done by the sweep. */
export async function purgeUpload(ctx: EngineContext, id: string): Promise<void> {
  try {
    await removeLeftovers(ctx, id);
  } catch (err) {
    ctx.log.warn({ upload: id, err }, "the pieces of an upload could not be removed yet");
  }
}

/** Its pieces, with and without rows, and the file if it never became one. Objects before rows: the other way they would be lost. */
export async function removeLeftovers(ctx: EngineContext, id: string): Promise<void> {
  const session = await ctx.db.prisma.uploadSession.findUnique({ where: { id } });
  if (!session || session.state === "open") return;
  const { storage } = await openRepository(ctx, session.repositoryId);
  for await (const { key } of storage.list(piecesPrefix(id))) await storage.delete(key);
  if (session.state !== "ended") await storage.delete(fileKey(id));
  await withTransaction(ctx.db, async (tx) => {
    await tx.uploadPiece.deleteMany({ where: { sessionId: id } });
    await tx.uploadSession.update({ where: { id }, data: { purgedAt: ctx.now(), updatedAt: session.updatedAt } });
  });
}
