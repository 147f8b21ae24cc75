import "server-only";
import { withTransaction } from "@/lib/db/transaction";
import { writeAudit } from "@/lib/engine/audit";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";
import { openRepository } from "@/lib/engine/repositories/open";
import { fileKey } from "@/lib/engine/uploads/keys";
import { notFound } from "@/lib/errors";

/** More are left for the next sweep. */
const FILES_MAX = 50;

/** Removes a file for good: it is gone for everybody at once, its bytes a moment later. Throws `not_found`. */
export async function deleteCoreFile(ctx: EngineContext, input: { id: string }): Promise<Record<string, never>> {
  await withTransaction(ctx.db, async (tx) => {
    const [row] = await tx.coreFile.updateManyAndReturn({
      where: { id: input.id, removedAt: null },
      data: { removedAt: ctx.now() },
    });
    if (!row) throw notFound("file");
    await writeAudit(tx, ctx, "core-file.delete", row.id, { fileName: row.fileName, version: row.version });
    await emitEvent(tx, "core-file", row.id);
  });
  await sweepCoreFiles(ctx);
  return {};
}

/** Removes the bytes of files that are gone, then their rows. What fails is tried at the next sweep. */
export async function sweepCoreFiles(ctx: EngineContext): Promise<void> {
  const gone = await ctx.db.prisma.coreFile.findMany({
    where: { removedAt: { not: null } },
    select: { id: true, repositoryId: true },
    orderBy: { removedAt: "asc" },
    take: FILES_MAX,
  });
  const removed: string[] = [];
  for (const { id, repositoryId } of gone) {
    try {
      const { storage } = await openRepository(ctx, repositoryId);
      await storage.delete(fileKey(id));
      removed.push(id);
    } catch (err) {
      ctx.log.warn({ file: id, err }, "a removed file could not be taken from its repository yet");
    }
  }
  await ctx.db.prisma.coreFile.deleteMany({ where: { id: { in: removed } } });
}
