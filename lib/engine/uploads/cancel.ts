import "server-only";
import { withTransaction } from "@/lib/db/transaction";
import { writeAudit } from "@/lib/engine/audit";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";
import { endImageSession } from "@/lib/engine/image-sessions";
import { peerOf } from "@/lib/engine/pairing/caller";
import { conflict, notFound } from "@/lib/errors";
import { lockUpload } from "./find";
import type { CancelUploadInput } from "./peer-schemas";
import { purgeUpload } from "./purge";

/**
 * Cancels an upload of the calling core. Two operations of the contract have this address: an id that is no upload, with
 * `commit`, ends an image session. Throws `not_found`, and `conflict` for an upload that has ended.
 */
export async function cancelPeerUpload(ctx: EngineContext, input: CancelUploadInput): Promise<void> {
  const { pairingId } = peerOf(ctx);
  const where = { id: input.uploadSessionId, pairingId };
  const upload = await ctx.db.prisma.uploadSession.findFirst({ where, select: { id: true } });
  if (upload) return cancelOpen(ctx, upload.id);
  if (input.commit === undefined) throw notFound("upload session");
  return endImageSession(ctx, { sessionId: input.uploadSessionId, commit: input.commit });
}

/** Cancels an upload of any peer, for the people of this core. Throws `not_found`, `conflict`. */
export async function cancelUpload(ctx: EngineContext, input: { id: string }): Promise<Record<string, never>> {
  await cancelOpen(ctx, input.id);
  return {};
}

async function cancelOpen(ctx: EngineContext, id: string): Promise<void> {
  await withTransaction(ctx.db, async (tx) => {
    const session = await lockUpload(tx, id);
    if (session.state === "ended") throw conflict("This upload has ended; the file is kept. Remove the file instead.");
    if (session.state !== "open") return;
    await tx.uploadSession.update({ where: { id }, data: { state: "cancelled", updatedAt: ctx.now() } });
    await writeAudit(tx, ctx, "upload.cancel", id, { fileName: session.fileName });
    await emitEvent(tx, "core-file", id);
  });
  await purgeUpload(ctx, id);
}
