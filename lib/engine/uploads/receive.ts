import "server-only";
import { createHash, randomUUID } from "node:crypto";
import type { EngineContext } from "@/lib/engine/context";
import type { PeerCall } from "@/lib/engine/pairing/caller";
import { openRepository } from "@/lib/engine/repositories/open";
import { invalidInput, TwincoreError } from "@/lib/errors";
import type { StorageBackend } from "@/lib/storage/backend";
import type { UploadSession } from "@/prisma/generated/client";
import { addPiece, type Piece } from "./add-piece";
import { PIECE_BYTES_MAX, PIECES_AT_ONCE_MAX } from "./bounds";
import { assertOpen, requireUpload } from "./find";
import { pieceKey } from "./keys";
import type { ContinueUploadInput } from "./peer-schemas";

/**
 * Takes one piece; it is durable when this resolves. A piece that came before is recognised and not kept twice. Throws
 * `invalid_input` for a body of another size than declared, `too_large`, `conflict` for one that overlaps another piece,
 * `too_many_requests`, `unavailable` for one that breaks off; then nothing of it is kept.
 */
export async function receivePiece(
  ctx: EngineContext,
  input: ContinueUploadInput,
  call: Pick<PeerCall, "body">,
): Promise<void> {
  const session = await requireUpload(ctx, input.uploadSessionId);
  assertOpen(session);
  assertFits(session, input);
  const { storage } = await openRepository(ctx, session.repositoryId);
  const leave = enter(session.pairingId);
  try {
    const piece = await storePiece(storage, session.id, input, call.body);
    await addStored(ctx, storage, session.id, piece);
  } finally {
    leave();
  }
}

function assertFits(session: UploadSession, { dataSize, offset = 0 }: ContinueUploadInput): void {
  if (dataSize > PIECE_BYTES_MAX)
    throw new TwincoreError("too_large", `A piece has at most ${PIECE_BYTES_MAX} bytes here. Send smaller ones.`);
  if (offset + dataSize > Number(session.sizeBytes))
    throw new TwincoreError(
      "too_large",
      `The file was declared with ${session.sizeBytes} bytes; this is beyond its end.`,
    );
}

/** Pieces that this process takes now, by pairing: they are on the disk before anybody has counted them. */
const arriving = new Map<string, number>();

function enter(pairingId: string): () => void {
  const count = arriving.get(pairingId) ?? 0;
  if (count >= PIECES_AT_ONCE_MAX)
    throw new TwincoreError("too_many_requests", `At most ${PIECES_AT_ONCE_MAX} pieces are taken at once.`, {
      retryAfterSeconds: 1,
    });
  arriving.set(pairingId, count + 1);
  return () => {
    const left = (arriving.get(pairingId) ?? 1) - 1;
    if (left > 0) arriving.set(pairingId, left);
    else arriving.delete(pairingId);
  };
}

/** Writes the body to an object of its own, or nothing at all. */
async function storePiece(
  storage: StorageBackend,
  sessionId: string,
  { dataSize, offset }: ContinueUploadInput,
  body: AsyncIterable<Uint8Array>,
): Promise<Piece> {
  const objectId = randomUUID();
  const hash = createHash("sha256");
  const writer = await storage.create(pieceKey(sessionId, objectId));
  let sizeBytes = 0;
  try {
    for await (const chunk of body) {
      sizeBytes += chunk.byteLength;
      if (sizeBytes > dataSize) throw invalidInput(`The body is longer than the ${dataSize} bytes that were declared.`);
      hash.update(chunk);
      await writer.write(chunk);
    }
    if (sizeBytes < dataSize)
      throw invalidInput(`The body has ${sizeBytes} bytes; ${dataSize} were declared. Send the piece again.`);
    await writer.commit();
  } catch (error) {
    await writer.abort();
    throw error;
  }
  return { objectId, sizeBytes, offset: offset ?? null, digest: hash.digest() };
}

/** Object first, then its row. When there is certainly no row, the object goes again; otherwise the end of the upload removes it. */
async function addStored(ctx: EngineContext, storage: StorageBackend, sessionId: string, piece: Piece): Promise<void> {
  const drop = () => storage.delete(pieceKey(sessionId, piece.objectId));
  const isNew = await addPiece(ctx, sessionId, piece).catch(async (thrown: unknown) => {
    // Anything but a refusal of ours may have happened after the row was written.
    if (thrown instanceof TwincoreError) await drop();
    throw thrown;
  });
  if (!isNew) await drop();
}
