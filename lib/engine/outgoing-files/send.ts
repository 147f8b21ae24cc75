import "server-only";
import { withTransaction } from "@/lib/db/transaction";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";
import { TokenBucket } from "@/lib/engine/replication/throttle";
import { openRepository } from "@/lib/engine/repositories/open";
import { hex } from "@/lib/engine/uploads/digest";
import { versionOf } from "@/lib/engine/uploads/list";
import { isRetryable, type TwincoreError, toTwincoreError } from "@/lib/errors";
import type { StorageBackend } from "@/lib/storage/backend";
import type { OutgoingFile } from "@/prisma/generated/client";
import { outgoingKey } from "./convert";
import { endFile } from "./end";
import type { ConnectFileTarget, FileTarget } from "./target";

/** Progress and a cancellation are heard of between pieces; a target may want smaller ones. */
const PIECE_BYTES = 4 * 1024 * 1024;
/** A target that is away for longer will not come back for this file. */
const RETRY_MS_MAX = 24 * 3_600_000;

interface SendFileInput {
  readonly fileId: string;
  readonly signal: AbortSignal;
  readonly connect: ConnectFileTarget;
}

/** Thrown between pieces when a person cancelled the sending. */
class Cancelled extends Error {}

/**
 * Sends a queued file to its target and ends its row; goes on where an earlier run stopped. Throws when it is worth trying
 * again: the queue does that, for a day at most.
 */
export async function sendFile(ctx: EngineContext, { fileId, signal, connect }: SendFileInput): Promise<void> {
  const begun = await begin(ctx, fileId);
  if (!begun) return;
  try {
    await sendOnce(ctx, begun, signal, connect);
    await endFile(ctx, fileId, { state: "sent" });
  } catch (thrown) {
    if (thrown instanceof Cancelled) return endFile(ctx, fileId, { state: "cancelled" });
    const error = toTwincoreError(thrown);
    const young = ctx.now().getTime() - begun.createdAt.getTime() < RETRY_MS_MAX;
    if (signal.aborted || (isRetryable(error) && young)) {
      await putBack(ctx, fileId, signal.aborted ? null : error);
      throw thrown;
    }
    await endFile(ctx, fileId, { state: "failed", thrown });
  }
}

/** null: it is over, or was never there. */
async function begin(ctx: EngineContext, id: string): Promise<OutgoingFile | null> {
  const { count } = await ctx.db.prisma.outgoingFile.updateMany({
    where: { id, state: { in: ["queued", "sending"] } },
    data: { state: "sending", updatedAt: ctx.now() },
  });
  return count === 0 ? null : ctx.db.prisma.outgoingFile.findUnique({ where: { id } });
}

interface Sending {
  readonly ctx: EngineContext;
  readonly storage: StorageBackend;
  readonly target: FileTarget;
  readonly file: OutgoingFile;
}

async function sendOnce(
  ctx: EngineContext,
  file: OutgoingFile,
  signal: AbortSignal,
  connect: ConnectFileTarget,
): Promise<void> {
  const { storage } = await openRepository(ctx, file.repositoryId);
  const pairing = await ctx.db.prisma.pairing.findUniqueOrThrow({ where: { id: file.pairingId } });
  const cap = pairing.rateCapBytesPerSecond;
  const bucket = new TokenBucket(cap === null ? null : Number(cap));
  const target = await connect(file.pairingId, { signal, throttle: (bytes) => bucket.take(bytes) });
  const sending = { ctx, storage, target, file };
  try {
    if (!(await goOn(sending))) await sendAnew(sending);
  } finally {
    target.close();
  }
}

/** Goes on with the upload of an earlier run; false when there is none, or the target takes nothing for it any more. */
async function goOn(sending: Sending): Promise<boolean> {
  const { uploadId, sentBytes } = sending.file;
  if (uploadId === null) return false;
  try {
    await sendFrom(sending, { uploadSessionId: uploadId, from: Number(sentBytes), pieceBytes: PIECE_BYTES });
    return true;
  } catch (thrown) {
    if (thrown instanceof Cancelled || isRetryable(thrown)) throw thrown;
    return false;
  }
}

async function sendAnew(sending: Sending): Promise<void> {
  const { ctx, target, file } = sending;
  const { uploadSessionId, maxBlockSize } = await target.start({
    fileName: file.fileName,
    fileSize: Number(file.sizeBytes),
    md5Hash: hex(file.md5),
    version: versionOf(file.version),
  });
  await note(ctx, file.id, { uploadId: uploadSessionId, sentBytes: 0n });
  const pieceBytes = Math.max(1, Math.min(PIECE_BYTES, maxBlockSize));
  await sendFrom(sending, { uploadSessionId, from: 0, pieceBytes });
}

async function sendFrom(
  { ctx, storage, target, file }: Sending,
  { uploadSessionId, from, pieceBytes }: { uploadSessionId: string; from: number; pieceBytes: number },
): Promise<void> {
  const sizeBytes = Number(file.sizeBytes);
  try {
    for (let offset = from; offset < sizeBytes; offset += pieceBytes) {
      const end = Math.min(sizeBytes, offset + pieceBytes);
      const piece = { uploadSessionId, dataSize: end - offset, offset };
      await target.send(piece, storage.stream(outgoingKey(file.id), offset, end));
      await note(ctx, file.id, { sentBytes: BigInt(end) });
    }
    await target.end({ uploadSessionId });
  } catch (thrown) {
    // The target need not wait for what will not come. If it does not hear of it, it gives the upload up after a day.
    if (thrown instanceof Cancelled || !isRetryable(thrown))
      await target.cancel({ uploadSessionId }).catch(() => undefined);
    throw thrown;
  }
}

/** Writes how far it is, and hears of a cancellation. */
async function note(ctx: EngineContext, id: string, data: { uploadId?: string; sentBytes: bigint }): Promise<void> {
  await withTransaction(ctx.db, async (tx) => {
    const { count } = await tx.outgoingFile.updateMany({
      where: { id, state: "sending" },
      data: { ...data, updatedAt: ctx.now() },
    });
    if (count === 0) throw new Cancelled("cancelled");
    await emitEvent(tx, "core-file", id);
  });
}

/** It will be tried again. The database may be what is missing: then the row stays as it is, which is as good. */
async function putBack(ctx: EngineContext, id: string, error: TwincoreError | null): Promise<void> {
  const failure = { failureCode: error?.code ?? null, failureMessage: error?.message ?? null };
  await withTransaction(ctx.db, async (tx) => {
    await tx.outgoingFile.updateMany({
      where: { id, state: "sending" },
      data: { state: "queued", ...failure, updatedAt: ctx.now() },
    });
    await emitEvent(tx, "core-file", id);
  }).catch((err: unknown) => ctx.log.warn({ err, file: id }, "the sending of a file could not be put back"));
}
