import "server-only";
import { RECORD_BYTES_MAX } from "@/lib/engine/records/frame";
import { encodeKeys, KEY_BYTES, type RecordKey } from "@/lib/engine/records/key";
import type { Domain } from "@/lib/engine/repositories/open";
import { conflict, invalidInput, TwincoreError } from "@/lib/errors";
import type { ObjectWriter } from "@/lib/storage/backend";
import {
  BLOCK_KEYS,
  type BlockEntry,
  encodeTable,
  encodeTail,
  MANIFEST_KEYS_MAX,
  type ManifestStream,
  manifestKey,
  type StreamKind,
  sha256Now,
} from "./format";
import { openManifest } from "./open";

export interface FinishedManifest {
  /** The digest of the manifest: equal digests mean equal images. */
  digest: Buffer;
  /** Keys of all streams, holes included. */
  recordCount: number;
  streams: ManifestStream[];
}

/** Writes the manifest of one image, block by block. Must be ended by `finish` or `abort`. */
export class ManifestWriter {
  private readonly streams: ManifestStream[] = [];
  private readonly blocks: BlockEntry[][] = [];
  private readonly block = Buffer.allocUnsafeSlow(BLOCK_KEYS * KEY_BYTES);
  private blockLength = 0;
  private blockStart = 0;
  private keyCount = 0;

  private constructor(
    private readonly domain: Domain,
    private readonly imageId: string,
    private readonly object: ObjectWriter,
  ) {}

  static async create(domain: Domain, imageId: string): Promise<ManifestWriter> {
    return new ManifestWriter(domain, imageId, await domain.storage.create(manifestKey(domain.prefix, imageId)));
  }

  /** Ends the stream before. Each kind may come once. */
  async startStream(kind: StreamKind): Promise<void> {
    if (this.streams.some((stream) => stream.kind === kind))
      throw invalidInput(`An image has only one ${kind} stream.`);
    await this.endBlock();
    this.streams.push({ kind, keyCount: 0, totalBytes: 0 });
    this.blocks.push([]);
    this.blockStart = 0;
  }

  /** Appends keys to the stream. One call at a time; the keys are copied. */
  async add(keys: readonly RecordKey[]): Promise<void> {
    const stream = this.streams.at(-1);
    if (!stream) throw new TwincoreError("internal", "Keys came before their stream.");
    if (this.keyCount + keys.length > MANIFEST_KEYS_MAX)
      throw new TwincoreError("too_large", `An image has at most ${MANIFEST_KEYS_MAX} records.`);
    if (!keys.every((key) => key.rawLength >= 1 && key.rawLength <= RECORD_BYTES_MAX))
      throw invalidInput(`A record has 1 to ${RECORD_BYTES_MAX} bytes.`);
    this.keyCount += keys.length;
    for (let at = 0; at < keys.length; ) {
      const part = keys.slice(at, at + BLOCK_KEYS - this.blockLength / KEY_BYTES);
      const bytes = encodeKeys(part);
      this.block.set(bytes, this.blockLength);
      this.blockLength += bytes.length;
      stream.keyCount += part.length;
      for (const key of part) stream.totalBytes += key.rawLength;
      at += part.length;
      if (this.blockLength === this.block.length) await this.endBlock();
    }
  }

  /** Makes it durable. The same manifest may be written again; a different one for the same image is a `conflict`. */
  async finish(): Promise<FinishedManifest> {
    await this.endBlock();
    const table = encodeTable({ streams: this.streams, blocks: this.blocks });
    const digest = sha256Now(table);
    await this.object.write(table);
    await this.object.write(encodeTail(table));
    await this.publish(digest);
    return { digest, recordCount: this.keyCount, streams: this.streams };
  }

  abort(): Promise<void> {
    return this.object.abort();
  }

  private async publish(digest: Buffer): Promise<void> {
    try {
      await this.object.commit();
    } catch (error) {
      await this.object.abort();
      if (!(error instanceof TwincoreError) || error.code !== "conflict") throw error;
      const present = await openManifest(this.domain, this.imageId);
      if (!present.digest.equals(digest)) throw conflict("The repository holds another manifest of this image.");
    }
  }

  private async endBlock(): Promise<void> {
    const stream = this.streams.at(-1);
    if (!stream || this.blockLength === 0) return;
    const bytes = this.block.subarray(0, this.blockLength);
    this.blocks.at(-1)?.push({ startOffset: this.blockStart, digest: sha256Now(bytes) });
    this.blockStart = stream.totalBytes;
    this.blockLength = 0;
    await this.object.write(bytes);
  }
}
