import "server-only";
import type { Tx } from "@/lib/db/client";
import { withTransaction } from "@/lib/db/transaction";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";
import { conflict, invalidInput, TwincoreError } from "@/lib/errors";
import type { UploadPiece, UploadSession } from "@/prisma/generated/client";
import { PIECES_MAX } from "./bounds";
import { assertOpen, lockUpload } from "./find";

/** A piece that is durable and has no row yet. */
export interface Piece {
  readonly objectId: string;
  readonly sizeBytes: number;
  /** Where its sender says it belongs; null: after the one before. */
  readonly offset: number | null;
  readonly digest: Buffer<ArrayBuffer>;
}

/** Pages are told of progress about once a second, however small the pieces are. */
const TELL_MS = 1_000;

/** Adds the piece to its upload; false when it is there already. Throws `conflict`, `invalid_input`, `too_large`. */
export function addPiece(ctx: EngineContext, sessionId: string, piece: Piece): Promise<boolean> {
  return withTransaction(ctx.db, async (tx) => {
    const session = await lockUpload(tx, sessionId);
    assertOpen(session);
    const byOffset = piece.offset !== null;
    if (session.byOffset !== null && session.byOffset !== byOffset)
      throw invalidInput("Either every piece of an upload says its offset, or none does.");
    const place = piece.offset === null ? await placeAtEnd(tx, session, piece) : await placeAt(tx, session, piece);
    if (place !== null) await insert(tx, session, piece, place);
    const now = ctx.now();
    await tx.uploadSession.update({
      where: { id: session.id },
      data: { byOffset, updatedAt: now, receivedBytes: { increment: place === null ? 0 : piece.sizeBytes } },
    });
    if (now.getTime() - session.updatedAt.getTime() > TELL_MS) await emitEvent(tx, "core-file", session.id);
    return place !== null;
  });
}

/** Its own place, or null when just this piece is there. Throws `conflict` when other bytes are. */
async function placeAt(tx: Tx, session: UploadSession, piece: Piece): Promise<bigint | null> {
  const start = BigInt(piece.offset ?? 0);
  const [other] = await tx.$queryRaw<{ offset: bigint; size_bytes: number; digest: Uint8Array }[]>`
    select "offset", size_bytes, digest from upload_piece
    where session_id = ${session.id}::uuid and "offset" < ${start + BigInt(piece.sizeBytes)}
      and "offset" + size_bytes > ${start}
    limit 1`;
  if (!other) return start;
  const same = other.offset === start && other.size_bytes === piece.sizeBytes && piece.digest.equals(other.digest);
  if (same) return null;
  throw conflict("Other bytes came for this part of the file before. Cancel the upload and start a new one.");
}

/** The place after the last piece; null when it is the last piece once more, or an equal one: its end will tell. */
async function placeAtEnd(tx: Tx, session: UploadSession, piece: Piece): Promise<bigint | null> {
  const last = await tx.uploadPiece.findFirst({ where: { sessionId: session.id }, orderBy: { offset: "desc" } });
  if (last && last.sizeBytes === piece.sizeBytes && piece.digest.equals(last.digest)) {
    await countAgain(tx, last);
    return null;
  }
  const start = last ? last.offset + BigInt(last.sizeBytes) : 0n;
  if (start + BigInt(piece.sizeBytes) > session.sizeBytes)
    throw new TwincoreError("too_large", `The file was declared with ${session.sizeBytes} bytes; more have come.`);
  return start;
}

async function countAgain(tx: Tx, last: UploadPiece): Promise<void> {
  if (last.timesSeen >= PIECES_MAX) throw conflict("This piece came too often. Cancel the upload and start a new one.");
  await tx.uploadPiece.update({
    where: { sessionId_offset: { sessionId: last.sessionId, offset: last.offset } },
    data: { timesSeen: { increment: 1 } },
  });
}

async function insert(tx: Tx, session: UploadSession, piece: Piece, offset: bigint): Promise<void> {
  const { objectId, sizeBytes, digest } = piece;
  const count = await tx.uploadPiece.count({ where: { sessionId: session.id } });
  if (count >= PIECES_MAX)
    throw new TwincoreError("too_large", `An upload has at most ${PIECES_MAX} pieces. Start anew with larger ones.`);
  await tx.uploadPiece.create({ data: { sessionId: session.id, offset, sizeBytes, digest, objectId } });
}
