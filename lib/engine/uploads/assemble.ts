import "server-only";
import { createHash } from "node:crypto";
import type { EngineContext } from "@/lib/engine/context";
import { integrity, TwincoreError } from "@/lib/errors";
import type { StorageBackend } from "@/lib/storage/backend";
import type { UploadSession } from "@/prisma/generated/client";
import { fileKey, pieceKey } from "./keys";
import { layouts, type SeenPiece } from "./layouts";

/**
 * Makes the file of an upload out of its pieces, as one write-once object, and gives its SHA-256. Only a file of the declared size and
 * MD5 is made; otherwise it throws `integrity`, and everything is as before. May be repeated, also concurrently.
 */
export async function assembleFile(
  ctx: EngineContext,
  storage: StorageBackend,
  session: UploadSession,
): Promise<Buffer<ArrayBuffer>> {
  // An end that was interrupted made it already.
  const size = await storage.size(fileKey(session.id));
  if (size !== null) return verifyExisting(storage, session, size);
  const pieces = await ctx.db.prisma.uploadPiece.findMany({
    where: { sessionId: session.id },
    orderBy: { offset: "asc" },
  });
  let tried = 0;
  for (const counts of session.byOffset ? inPlace(pieces, session) : layouts(pieces, Number(session.sizeBytes))) {
    tried++;
    const sha256 = await writeFile(storage, session, inOrder(pieces, counts));
    if (sha256) return sha256;
  }
  if (tried === 0)
    throw integrity(
      `${session.receivedBytes} of the declared ${session.sizeBytes} bytes are here. Send the rest first.`,
    );
  throw integrity("What came is not the declared file: its MD5 is another. Cancel the upload and send the file again.");
}

/** Pieces with offsets are the file when they leave no gap; they never overlap. */
function inPlace(pieces: readonly (SeenPiece & { offset: bigint })[], session: UploadSession): number[][] {
  let end = 0n;
  for (const piece of pieces) {
    if (piece.offset !== end) return [];
    end += BigInt(piece.sizeBytes);
  }
  return end === session.sizeBytes ? [pieces.map(() => 1)] : [];
}

function* inOrder(pieces: readonly SeenPiece[], counts: readonly number[]): Generator<string> {
  for (const [index, piece] of pieces.entries())
    for (let time = 0; time < (counts[index] ?? 0); time++) yield piece.objectId;
}

/** The SHA-256 of what was written, or null when its MD5 is not the declared one: then nothing was. */
async function writeFile(
  storage: StorageBackend,
  session: UploadSession,
  objectIds: Iterable<string>,
): Promise<Buffer<ArrayBuffer> | null> {
  const hashes = new Hashes();
  const writer = await storage.create(fileKey(session.id));
  try {
    for (const objectId of objectIds)
      for await (const bytes of storage.stream(pieceKey(session.id, objectId))) {
        hashes.update(bytes);
        await writer.write(bytes);
      }
    const { md5, sha256 } = hashes.digest();
    if (md5.equals(session.md5)) {
      await writer.commit();
      return sha256;
    }
    await writer.abort();
    return null;
  } catch (error) {
    await writer.abort();
    // Another end of the same upload was quicker.
    if (error instanceof TwincoreError && error.code === "conflict")
      return verifyExisting(storage, session, Number(session.sizeBytes));
    throw error;
  }
}

async function verifyExisting(
  storage: StorageBackend,
  session: UploadSession,
  sizeBytes: number,
): Promise<Buffer<ArrayBuffer>> {
  const hashes = new Hashes();
  for await (const bytes of storage.stream(fileKey(session.id))) hashes.update(bytes);
  const { md5, sha256 } = hashes.digest();
  if (BigInt(sizeBytes) === session.sizeBytes && md5.equals(session.md5)) return sha256;
  throw integrity("The stored file is damaged. Cancel the upload and send the file again.");
}

/** MD5 because the contract says so; SHA-256 because MD5 proves nothing against somebody who wants to deceive. */
class Hashes {
  private readonly md5 = createHash("md5");
  private readonly sha256 = createHash("sha256");

  update(bytes: Uint8Array): void {
    this.md5.update(bytes);
    this.sha256.update(bytes);
  }

  digest(): { md5: Buffer<ArrayBuffer>; sha256: Buffer<ArrayBuffer> } {
    return { md5: this.md5.digest(), sha256: this.sha256.digest() };
  }
}
