import "server-only";
import type { Tx } from "@/lib/db/client";
import type { EngineContext } from "@/lib/engine/context";
import { peerOf } from "@/lib/engine/pairing/caller";
import { conflict, notFound } from "@/lib/errors";
import type { UploadSession } from "@/prisma/generated/client";

/** An upload of the calling core. Another core's upload is `not_found`, like one that never was. */
export async function requireUpload(ctx: EngineContext, id: string): Promise<UploadSession> {
  const { pairingId } = peerOf(ctx);
  const row = await ctx.db.prisma.uploadSession.findFirst({ where: { id, pairingId } });
  if (!row) throw notFound("upload session");
  return row;
}

/** Throws `conflict` when the upload takes nothing any more. */
export function assertOpen(row: UploadSession): void {
  switch (row.state) {
    case "open":
      return;
    case "ended":
      throw conflict("This upload has ended; the file is here. Start a new one to send another.");
    case "cancelled":
      throw conflict("This upload was cancelled. Start a new one.");
    case "expired":
      throw conflict("Nothing came for this upload for too long, so it was given up. Start a new one.");
    default:
      row.state satisfies never;
  }
}

/** The row, held until the end of the transaction. Throws `not_found`. */
export async function lockUpload(tx: Tx, id: string): Promise<UploadSession> {
  await tx.$queryRaw`select 1 from upload_session where id = ${id}::uuid for update`;
  const row = await tx.uploadSession.findUnique({ where: { id } });
  if (!row) throw notFound("upload session");
  return row;
}

/** Whoever begins or ends an upload of a pairing does so alone: bounds are counted, files replaced. */
export async function lockPairingFiles(tx: Tx, pairingId: string): Promise<void> {
  await tx.$executeRaw`select pg_advisory_xact_lock(hashtextextended(${`uploads:${pairingId}`}, 0))`;
}
