import "server-only";
import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { ContentDefinedChunker, cutStream, FIXED_BLOCK_BYTES } from "@/lib/engine/chunking";
import type { ManifestWriter } from "@/lib/engine/manifests";
import type { RecordWriter } from "@/lib/engine/records/write";
import { TwincoreError } from "@/lib/errors";
import type { Counters } from "./counters";
import { KeyQueue } from "./key-queue";
import { filePieces } from "./read-large";

export interface RawCaptureOptions {
  writer: RecordWriter;
  manifest: ManifestWriter;
  counters: Counters;
  signal: AbortSignal;
}

const READ = constants.O_RDONLY | constants.O_NONBLOCK;

/**
 * Captures a disk image or block device in fixed blocks; zero blocks are holes. Its size is what it is when it is opened.
 * Throws `unavailable` when it cannot be read to its end: half a disk is no recovery point.
 */
export async function captureImage(path: string, options: RawCaptureOptions): Promise<{ sizeBytes: number }> {
  const handle = await open(path, READ).catch((error: unknown) => {
    throw unreadable(path, error);
  });
  try {
    const sizeBytes = await sizeOfImage(handle);
    const file = {
      stat: () => handle.stat({ bigint: true }),
      read: (target: Buffer, position: number) => readFully(handle, target, position),
      close: () => handle.close(),
    };
    options.counters.bytesTotal = (options.counters.bytesTotal ?? 0) + sizeBytes;
    // Pieces of a file are blocks already, so nothing is copied.
    const captured = await putRecords(guarded(path, filePieces(file, sizeBytes, FIXED_BLOCK_BYTES)), options);
    if (captured === sizeBytes) return { sizeBytes };
    throw new TwincoreError("unavailable", `${path} became shorter while it was captured. Capture it again.`);
  } finally {
    await handle.close();
  }
}

/** Captures bytes of any length as they come, in content-defined records. What `body` throws ends it. */
export async function captureBytes(
  body: AsyncIterable<Uint8Array>,
  options: RawCaptureOptions,
): Promise<{ sizeBytes: number }> {
  return { sizeBytes: await putRecords(cutStream(new ContentDefinedChunker(), body), options) };
}

async function putRecords(records: AsyncIterable<Buffer>, options: RawCaptureOptions): Promise<number> {
  const queue = new KeyQueue(options.writer, options.manifest);
  await options.manifest.startStream("raw");
  let sizeBytes = 0;
  for await (const record of records) {
    options.signal.throwIfAborted();
    await queue.put(record);
    sizeBytes += record.length;
    options.counters.bytesDone += record.length;
  }
  await queue.flush();
  return sizeBytes;
}

/** A block device has no size of its own in stat: its end is found by halving. */
async function sizeOfImage(handle: FileHandle): Promise<number> {
  const stat = await handle.stat();
  if (stat.isFile()) return stat.size;
  const probe = Buffer.alloc(1);
  const hasByte = async (position: number) => (await handle.read(probe, 0, 1, position)).bytesRead === 1;
  if (!(await hasByte(0))) return 0;
  let low = 0;
  let high = 1;
  while (await hasByte(high)) {
    low = high;
    high *= 2;
  }
  while (high - low > 1) {
    const middle = low + Math.floor((high - low) / 2);
    if (await hasByte(middle)) low = middle;
    else high = middle;
  }
  return high;
}

async function readFully(handle: FileHandle, target: Buffer, position: number): Promise<number> {
  let length = 0;
  while (length < target.length) {
    const { bytesRead } = await handle.read(target, length, target.length - length, position + length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return length;
}

async function* guarded(path: string, pieces: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  try {
    yield* pieces;
  } catch (error) {
    throw unreadable(path, error);
  }
}

function unreadable(path: string, cause: unknown): TwincoreError {
  const code = cause instanceof Error && "code" in cause ? ` (${String(cause.code)})` : "";
  return new TwincoreError("unavailable", `${path} cannot be read${code}.`, { cause });
}
