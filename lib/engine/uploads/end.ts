import "server-only";
import { withTransaction } from "@/lib/db/transaction";
import { writeAudit } from "@/lib/engine/audit";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";
import { openRepository } from "@/lib/engine/repositories/open";
import { TwincoreError } from "@/lib/errors";
import { assembleFile } from "./assemble";
import { hex } from "./digest";
import { assertOpen, lockPairingFiles, lockUpload, requireUpload } from "./find";
import { fileKey } from "./keys";
import type { UploadRef } from "./peer-schemas";
import { purgeUpload } from "./purge";

/**
 * Ends an upload: the file is of the declared size and MD5, durable and listed when this resolves; one of the same name and
 * version is replaced. Ended before, it resolves at once. Throws `integrity` when the bytes are not those declared; the
 * upload stays open then. Throws `conflict` for one that was cancelled or given up.
 */
export async function endUpload(ctx: EngineContext, input: UploadRef): Promise<void> {
  const session = await requireUpload(ctx, input.uploadSessionId);
  if (session.state === "ended") return;
  assertOpen(session);
  const { storage } = await openRepository(ctx, session.repositoryId);
  const sha256 = await assembleFile(ctx, storage, session);
  const drop = () => storage.delete(fileKey(session.id));
  const isKept = await recordFile(ctx, session.id, sha256).catch(async (thrown: unknown) => {
    // Cancelled meanwhile, for certain; after anything else the row may be there.
    if (thrown instanceof TwincoreError) await drop();
    throw thrown;
  });
  if (!isKept) await drop();
  await purgeUpload(ctx, session.id);
}

/** False when the upload was ended by another call and its file removed since. */
async function recordFile(ctx: EngineContext, id: string, sha256: Buffer<ArrayBuffer>): Promise<boolean> {
  return withTransaction(ctx.db, async (tx) => {
    const session = await lockUpload(tx, id);
    if (session.state === "ended") return (await tx.coreFile.count({ where: { id, removedAt: null } })) > 0;
    assertOpen(session);
    const { pairingId, repositoryId, fileName, version, sizeBytes, md5 } = session;
    await lockPairingFiles(tx, pairingId);
    const now = ctx.now();
    await tx.coreFile.updateMany({
      where: { pairingId, fileName, version, removedAt: null },
      data: { removedAt: now },
    });
    await tx.coreFile.create({
      data: { id, pairingId, repositoryId, fileName, version, sizeBytes, md5, sha256, createdAt: now },
    });
    await tx.uploadSession.update({ where: { id }, data: { state: "ended", updatedAt: now } });
    const detail = { fileName, version, sizeBytes: Number(sizeBytes), sha256: hex(sha256) };
    await writeAudit(tx, ctx, "upload.end", id, detail);
    await emitEvent(tx, "core-file", id);
    return true;
  });
}
