import "server-only";
import { decodeKeys, KEY_BYTES, type RecordKey } from "@/lib/engine/records/key";
import type { Domain } from "@/lib/engine/repositories/open";
import { integrity, invalidInput, notFound } from "@/lib/errors";
import {
  BLOCK_KEYS,
  type BlockEntry,
  decodeTable,
  decodeTail,
  MANIFEST_TAIL_BYTES,
  type ManifestStream,
  type ManifestTable,
  manifestKey,
  type StreamKind,
  sha256Now,
} from "./format";

/** Blocks kept after use: neighbouring lookups fall into the same one or the next. */
const KEPT_BLOCKS = 8;

/** An image's ordered list of records, read and verified block by block. Every method throws `integrity` on damage. */
export interface Manifest {
  readonly digest: Buffer;
  readonly streams: readonly ManifestStream[];
  /** Keys of all streams, holes included. */
  readonly recordCount: number;
  stream(kind: StreamKind): ManifestStream | null;
  /** The keys of a stream from position `fromIndex` up to `toIndex` (exclusive, default: all), in order. */
  keys(kind: StreamKind, fromIndex?: number, toIndex?: number): AsyncIterable<RecordKey>;
  /** As `keys`, packed (KEY_BYTES each) in pieces of at most 1,024 keys: for SQL and for the wire. */
  packedKeys(kind: StreamKind, fromIndex?: number, toIndex?: number): AsyncIterable<Buffer>;
  keyAt(kind: StreamKind, index: number): Promise<RecordKey>;
  /** The record that holds the byte at `offset` of the stream, and where that record starts. */
  findByOffset(kind: StreamKind, offset: number): Promise<{ index: number; startOffset: number }>;
}

/** Reads the table of an image's manifest; its keys are read when asked for. Throws `not_found` or `integrity`. */
export async function openManifest(domain: Domain, imageId: string): Promise<Manifest> {
  const key = manifestKey(domain.prefix, imageId);
  const sizeBytes = await domain.storage.size(key);
  if (sizeBytes === null) throw notFound("manifest of this image");
  if (sizeBytes < MANIFEST_TAIL_BYTES) throw integrity("A manifest is cut off.");
  const tailBytes = await domain.storage.read(key, sizeBytes - MANIFEST_TAIL_BYTES, MANIFEST_TAIL_BYTES);
  const tail = decodeTail(tailBytes, sizeBytes);
  const tableAt = sizeBytes - MANIFEST_TAIL_BYTES - tail.tableBytes;
  const table = decodeTable(await domain.storage.read(key, tableAt, tail.tableBytes), tail.digest, sizeBytes);
  return new StoredManifest(domain, key, tail.digest, table);
}

class StoredManifest implements Manifest {
  readonly streams: readonly ManifestStream[];
  readonly recordCount: number;
  private readonly kept = new Map<number, Promise<Buffer>>();

  constructor(
    private readonly domain: Domain,
    private readonly key: string,
    readonly digest: Buffer,
    private readonly table: ManifestTable,
  ) {
    this.streams = table.streams;
    this.recordCount = table.streams.reduce((sum, stream) => sum + stream.keyCount, 0);
  }

  stream(kind: StreamKind): ManifestStream | null {
    return this.streams.find((stream) => stream.kind === kind) ?? null;
  }

  async *keys(kind: StreamKind, fromIndex = 0, toIndex?: number): AsyncIterable<RecordKey> {
    for await (const bytes of this.packedKeys(kind, fromIndex, toIndex)) yield* decodeKeys(bytes);
  }

  async *packedKeys(kind: StreamKind, fromIndex = 0, toIndex?: number): AsyncIterable<Buffer> {
    const position = this.position(kind);
    const end = Math.min(toIndex ?? position.keyCount, position.keyCount);
    for (let index = Math.max(0, fromIndex); index < end; ) {
      const number = Math.floor(index / BLOCK_KEYS);
      const block = await this.block(position, number);
      const first = number * BLOCK_KEYS;
      yield block.subarray((index - first) * KEY_BYTES, (Math.min(end, first + BLOCK_KEYS) - first) * KEY_BYTES);
      index = first + BLOCK_KEYS;
    }
  }

  async keyAt(kind: StreamKind, index: number): Promise<RecordKey> {
    for await (const key of this.keys(kind, index, index + 1)) return key;
    throw invalidInput(`The ${kind} stream of this image has no record ${index}.`);
  }

  async findByOffset(kind: StreamKind, offset: number): Promise<{ index: number; startOffset: number }> {
    const position = this.position(kind);
    if (!(offset >= 0 && offset < position.totalBytes))
      throw invalidInput(`The ${kind} stream of this image has no byte ${offset}.`);
    const number = lastAtOrBefore(position.blocks, offset);
    let startOffset = position.blocks[number]?.startOffset ?? 0;
    let index = number * BLOCK_KEYS;
    for (const key of decodeKeys(await this.block(position, number))) {
      if (offset < startOffset + key.rawLength) return { index, startOffset };
      startOffset += key.rawLength;
      index++;
    }
    throw integrity("The table of a manifest does not agree with its keys.");
  }

  private position(kind: StreamKind): StreamPosition {
    let fileOffset = 0;
    for (const [number, stream] of this.streams.entries()) {
      if (stream.kind === kind) return { ...stream, fileOffset, blocks: this.table.blocks[number] ?? [] };
      fileOffset += stream.keyCount * KEY_BYTES;
    }
    throw invalidInput(`This image has no ${kind} stream.`);
  }

  private block(position: StreamPosition, number: number): Promise<Buffer> {
    const at = position.fileOffset + number * BLOCK_KEYS * KEY_BYTES;
    const known = this.kept.get(at);
    if (known) return known;
    const read = this.readBlock(position, number, at);
    read.catch(() => this.kept.delete(at));
    for (const oldest of this.kept.keys()) {
      if (this.kept.size < KEPT_BLOCKS) break;
      this.kept.delete(oldest);
    }
    this.kept.set(at, read);
    return read;
  }

  private async readBlock(position: StreamPosition, number: number, at: number): Promise<Buffer> {
    const count = Math.min(BLOCK_KEYS, position.keyCount - number * BLOCK_KEYS);
    const bytes = await this.domain.storage.read(this.key, at, count * KEY_BYTES);
    const entry = position.blocks[number];
    if (!entry || !sha256Now(bytes).equals(entry.digest)) throw integrity("A manifest is damaged.");
    return bytes;
  }
}

interface StreamPosition extends ManifestStream {
  /** Where its keys begin in the file. */
  fileOffset: number;
  blocks: readonly BlockEntry[];
}

/** The last block that starts at or before `offset`. Blocks of zero bytes cannot be: a record has at least one. */
function lastAtOrBefore(blocks: readonly BlockEntry[], offset: number): number {
  let low = 0;
  for (let high = blocks.length - 1; low < high; ) {
    const middle = Math.ceil((low + high) / 2);
    if ((blocks[middle]?.startOffset ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}
