import "server-only";
import { integrity, invalidInput } from "@/lib/errors";
import { type CodecPool, codecPool } from "./codec-pool";
import { compressOnThread, digestOnThread, unpackDigestOnThread, unpackOnThread } from "./codec-thread";
import { sha256Here } from "./digest";
import { FRAME_HEADER_BYTES, type FrameHeader, RECORD_BYTES_MAX, readFrameHeader, writeFrameHeader } from "./frame";
import { takeScratch } from "./scratch";
import { assertUnpacksTo, compress, decompress } from "./zstd";

export { type FrameHeader, frames, RECORD_BYTES_MAX, readFrameHeader } from "./frame";

/** What is shorter is dominated by its header anyway. */
const COMPRESS_BYTES_MIN = 128;
/** Below this, asking a thread takes longer than doing it. */
const THREAD_BYTES_MIN = 32 * 1024;

const poolFor = (length: number): CodecPool | null => (length >= THREAD_BYTES_MIN ? codecPool() : null);

/** SHA-256, off the event loop when the input is large enough to be felt there. */
export async function sha256(bytes: Buffer): Promise<Buffer> {
  const pool = poolFor(bytes.length);
  return pool ? digestOnThread(pool, bytes) : sha256Here(bytes);
}

/**
 * The frame of a record: header and body, compressed when that saves at least a sixteenth. `digest` must be its SHA-256. The
 * frame lies in scratch memory: who knows that nobody needs it any more may `recycle` it.
 */
export async function encodeFrame(plain: Uint8Array, digest: Buffer): Promise<Buffer> {
  if (plain.length < 1 || plain.length > RECORD_BYTES_MAX)
    throw invalidInput(`A record has 1 to ${RECORD_BYTES_MAX} bytes, not ${plain.length}.`);
  const source = asBuffer(plain);
  const frame = takeScratch(FRAME_HEADER_BYTES + source.length);
  const packedLength = await compressInto(frame, source);
  if (packedLength === 0) frame.set(source, FRAME_HEADER_BYTES);
  const bodyLength = packedLength || source.length;
  const codec = packedLength > 0 ? "zstd" : "raw";
  writeFrameHeader(frame, { codec, rawLength: source.length, bodyLength, digest });
  return frame.subarray(0, FRAME_HEADER_BYTES + bodyLength);
}

/**
 * The plaintext of one whole frame, its SHA-256 compared with what the header says; it may be a view of the frame. Throws
 * `integrity` on anything else.
 */
export async function decodeFrame(frame: Buffer): Promise<{ digest: Buffer; plain: Buffer }> {
  const header = readFrameHeader(frame);
  return { digest: header.digest, plain: await decodeBody(header, frame.subarray(FRAME_HEADER_BYTES)) };
}

/** As decodeFrame, for who has read the header already. */
export async function decodeBody(header: FrameHeader, body: Buffer): Promise<Buffer> {
  assertLength(header, body);
  const { plain, digest } = header.codec === "zstd" ? await unpack(body, header.rawLength) : await itself(body);
  assertDigest(header, digest);
  return plain;
}

/** Proves that a whole frame holds the record it names, without handing out the plaintext. Throws `integrity`. */
export async function verifyFrame(header: FrameHeader, frame: Buffer): Promise<void> {
  const body = frame.subarray(FRAME_HEADER_BYTES);
  assertLength(header, body);
  if (header.codec === "raw") return assertDigest(header, await sha256(body));
  assertUnpacksTo(body, header.rawLength);
  const pool = poolFor(header.rawLength);
  if (pool) return assertDigest(header, await unpackDigestOnThread(pool, body, header.rawLength));
  assertDigest(header, await sha256Here(await decompress(body, header.rawLength)));
}

async function unpack(body: Buffer, rawLength: number): Promise<{ plain: Buffer; digest: Buffer }> {
  assertUnpacksTo(body, rawLength);
  const pool = poolFor(rawLength);
  if (pool) return unpackOnThread(pool, body, rawLength);
  return itself(await decompress(body, rawLength));
}

const itself = async (plain: Buffer) => ({ plain, digest: await sha256(plain) });

/** Writes the compressed body behind the header's place; answers its length, 0 when that saves less than a sixteenth. */
async function compressInto(frame: Buffer, plain: Buffer): Promise<number> {
  if (plain.length < COMPRESS_BYTES_MIN) return 0;
  // A smaller saving does not pay for unpacking at every read.
  const bodyMax = plain.length - (plain.length >> 4);
  const pool = poolFor(plain.length);
  if (pool) return compressOnThread(pool, plain, frame, FRAME_HEADER_BYTES, bodyMax);
  const body = await compress(plain);
  if (body.length > bodyMax) return 0;
  frame.set(body, FRAME_HEADER_BYTES);
  return body.length;
}

function assertLength(header: FrameHeader, body: Buffer): void {
  if (body.length !== header.bodyLength) throw integrity("A record has another length than its header says.");
}

function assertDigest(header: FrameHeader, digest: Buffer): void {
  if (!digest.equals(header.digest)) throw integrity("A record's bytes do not match its name: it is damaged.");
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
