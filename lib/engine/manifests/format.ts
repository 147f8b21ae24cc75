import { createHash } from "node:crypto";
import { DIGEST_BYTES, KEY_BYTES } from "@/lib/engine/records/key";
import { integrity } from "@/lib/errors";

/** Keys of one block: 45,056 bytes, the unit that is read and verified. */
export const BLOCK_KEYS = 1024;
/** 64 Ti of records of 1 MiB; bounds the table to 2.6 MB. */
export const MANIFEST_KEYS_MAX = 64 * 1024 * 1024;

export type StreamKind = "raw" | "entries" | "payload";
const KINDS: readonly StreamKind[] = ["raw", "entries", "payload"];
const STREAMS_MAX = 8;

const STREAM_BYTES = 24;
const BLOCK_BYTES = 40;
const TABLE_HEADER_BYTES = 16;
export const MANIFEST_TAIL_BYTES = 48;
/** "TCMANI", a zero, then the format version. */
const MAGIC = Buffer.from([0x54, 0x43, 0x4d, 0x41, 0x4e, 0x49, 0x00, 0x01]);

export interface ManifestStream {
  kind: StreamKind;
  keyCount: number;
  /** Plaintext bytes, holes included. */
  totalBytes: number;
}

export interface BlockEntry {
  /** Offset in its stream of the first record of the block. */
  startOffset: number;
  /** SHA-256 of the block's keys. */
  digest: Buffer;
}

/** What the end of a manifest says; with it, any block can be read and verified alone. */
export interface ManifestTable {
  streams: ManifestStream[];
  /** Per stream. */
  blocks: BlockEntry[][];
}

export const blockCount = (keyCount: number): number => Math.ceil(keyCount / BLOCK_KEYS);

export const sha256Now = (bytes: Uint8Array): Buffer => createHash("sha256").update(bytes).digest();

export function encodeTable(table: ManifestTable): Buffer {
  const blocks = table.blocks.flat();
  const bytes = Buffer.alloc(TABLE_HEADER_BYTES + table.streams.length * STREAM_BYTES + blocks.length * BLOCK_BYTES);
  bytes.set(MAGIC, 0);
  bytes.writeUInt32LE(table.streams.length, 8);
  let at = TABLE_HEADER_BYTES;
  for (const stream of table.streams) {
    bytes.writeUInt8(KINDS.indexOf(stream.kind), at);
    bytes.writeBigUInt64LE(BigInt(stream.keyCount), at + 8);
    bytes.writeBigUInt64LE(BigInt(stream.totalBytes), at + 16);
    at += STREAM_BYTES;
  }
  for (const block of blocks) {
    bytes.writeBigUInt64LE(BigInt(block.startOffset), at);
    bytes.set(block.digest, at + 8);
    at += BLOCK_BYTES;
  }
  return bytes;
}

/** The last bytes of a manifest; the SHA-256 of its table in it is the digest of the manifest. */
export function encodeTail(table: Buffer): Buffer {
  const tail = Buffer.alloc(MANIFEST_TAIL_BYTES);
  tail.set(MAGIC, 0);
  tail.writeUInt32LE(table.length, 8);
  tail.set(sha256Now(table), 16);
  return tail;
}

export function decodeTail(tail: Buffer, sizeBytes: number): { tableBytes: number; digest: Buffer } {
  if (tail.length !== MANIFEST_TAIL_BYTES || !tail.subarray(0, 8).equals(MAGIC) || tail.readUInt32LE(12) !== 0)
    throw integrity("A manifest has no end: it was never finished, or is damaged.");
  const tableBytes = tail.readUInt32LE(8);
  if (tableBytes < TABLE_HEADER_BYTES || tableBytes + MANIFEST_TAIL_BYTES > sizeBytes)
    throw integrity("The end of a manifest does not fit its size.");
  return { tableBytes, digest: Buffer.from(tail.subarray(16, 16 + DIGEST_BYTES)) };
}

/** Reads and checks a table against the digest from the tail and against the size of the whole file. Throws `integrity`. */
export function decodeTable(bytes: Buffer, digest: Buffer, sizeBytes: number): ManifestTable {
  if (!sha256Now(bytes).equals(digest)) throw integrity("The table of a manifest is damaged.");
  const streamCount = bytes.readUInt32LE(8);
  if (!bytes.subarray(0, 8).equals(MAGIC) || streamCount > STREAMS_MAX)
    throw integrity("This is no manifest of this version.");
  const streams = Array.from({ length: streamCount }, (_, i) =>
    decodeStream(bytes, TABLE_HEADER_BYTES + i * STREAM_BYTES),
  );
  const keyCount = streams.reduce((sum, stream) => sum + stream.keyCount, 0);
  const blocksAt = TABLE_HEADER_BYTES + streamCount * STREAM_BYTES;
  const blocksTotal = streams.reduce((sum, stream) => sum + blockCount(stream.keyCount), 0);
  const fits = bytes.length === blocksAt + blocksTotal * BLOCK_BYTES;
  if (!fits || sizeBytes !== keyCount * KEY_BYTES + bytes.length + MANIFEST_TAIL_BYTES)
    throw integrity("The table of a manifest does not fit its size.");
  return { streams, blocks: decodeBlocks(bytes, blocksAt, streams) };
}

function decodeStream(bytes: Buffer, at: number): ManifestStream {
  if (at + STREAM_BYTES > bytes.length) throw integrity("The table of a manifest is cut off.");
  const kind = KINDS[bytes.readUInt8(at)];
  const keyCount = bytes.readBigUInt64LE(at + 8);
  const totalBytes = bytes.readBigUInt64LE(at + 16);
  if (!kind || keyCount > BigInt(MANIFEST_KEYS_MAX) || totalBytes > BigInt(Number.MAX_SAFE_INTEGER))
    throw integrity("A manifest says what no manifest can.");
  return { kind, keyCount: Number(keyCount), totalBytes: Number(totalBytes) };
}

function decodeBlocks(bytes: Buffer, blocksAt: number, streams: ManifestStream[]): BlockEntry[][] {
  let at = blocksAt;
  return streams.map(({ keyCount }) =>
    Array.from({ length: blockCount(keyCount) }, () => {
      const block = {
        startOffset: Number(bytes.readBigUInt64LE(at)),
        digest: Buffer.from(bytes.subarray(at + 8, at + BLOCK_BYTES)),
      };
      at += BLOCK_BYTES;
      return block;
    }),
  );
}

/** By the end of the id, as with packs: an id of version 7 begins with the time. */
export const manifestKey = (prefix: string, imageId: string): string =>
  `${prefix}manifests/${imageId.slice(-2)}/${imageId}.manifest`;
