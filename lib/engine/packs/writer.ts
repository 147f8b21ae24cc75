import "server-only";
import type { RecordContext } from "@/lib/engine/records/connection";
import type { Domain } from "@/lib/engine/repositories/open";
import { TwincoreError } from "@/lib/errors";
import type { ObjectWriter } from "@/lib/storage/backend";
import { encodeFooter, PACK_BYTES_MAX, PACK_RECORDS_MAX, type PackEntry } from "./format";
import { insertPack } from "./insert";
import { newPackId, packKey } from "./pack-id";

export { PACK_BYTES_MAX, PACK_RECORDS_MAX } from "./format";

/** Small frames are gathered to writes of this size; larger ones go straight through. */
const STAGE_BYTES = 256 * 1024;

/**
 * One pack being written. The caller vouches that a frame is whole and its digest verified. After any throw only `abort` may
 * be called, and it must be: it removes what lies on the disk.
 */
export class PackWriter {
  private readonly entries: PackEntry[] = [];
  private readonly stage = Buffer.allocUnsafeSlow(STAGE_BYTES);
  private staged = 0;
  private framesBytes = 0;
  private rawBytesSum = 0;
  private broken: { error: unknown } | null = null;

  private constructor(
    private readonly ctx: RecordContext,
    private readonly domain: Domain,
    readonly id: string,
    private readonly object: ObjectWriter,
  ) {}

  static async create(domain: Domain, ctx: RecordContext): Promise<PackWriter> {
    const id = newPackId(ctx.now().getTime());
    return new PackWriter(ctx, domain, id, await domain.storage.create(packKey(domain.prefix, id)));
  }

  /** Bytes of its frames so far. */
  get sizeBytes(): number {
    return this.framesBytes;
  }

  get recordCount(): number {
    return this.entries.length;
  }

  get rawBytes(): number {
    return this.rawBytesSum;
  }

  /** Is there room for a frame of this length? */
  fits(frameLength: number): boolean {
    return this.framesBytes + frameLength <= PACK_BYTES_MAX && this.entries.length < PACK_RECORDS_MAX;
  }

  /** Appends one verified frame. One call at a time. */
  async append(frame: Buffer, header: { digest: Buffer; rawLength: number }): Promise<void> {
    if (!this.fits(frame.length)) throw new TwincoreError("internal", "A pack was given more than it holds.");
    this.entries.push({
      digest: header.digest,
      offset: this.framesBytes,
      length: frame.length,
      rawLength: header.rawLength,
    });
    this.framesBytes += frame.length;
    this.rawBytesSum += header.rawLength;
    await this.write(frame);
  }

  /** Footer, then durable under its name, then indexed in one transaction: only now may anything refer to its records. */
  async seal(): Promise<void> {
    if (this.entries.length === 0) return this.abort();
    const footer = encodeFooter(this.id, this.entries, this.framesBytes);
    await this.write(footer);
    await this.flushStage();
    await this.object.commit();
    await insertPack(this.ctx, {
      id: this.id,
      domainId: this.domain.id,
      sizeBytes: this.framesBytes + footer.length,
      entries: this.entries,
    });
  }

  abort(): Promise<void> {
    return this.object.abort();
  }

  /** After a failed write nobody knows what the file holds: such a pack must never be sealed. */
  private async write(bytes: Buffer): Promise<void> {
    if (this.broken) throw this.broken.error;
    try {
      await this.writeStaged(bytes);
    } catch (error) {
      this.broken = { error };
      throw error;
    }
  }

  private async writeStaged(bytes: Buffer): Promise<void> {
    if (this.staged + bytes.length > STAGE_BYTES) await this.flushStage();
    if (bytes.length > STAGE_BYTES) return this.object.write(bytes);
    this.stage.set(bytes, this.staged);
    this.staged += bytes.length;
  }

  private async flushStage(): Promise<void> {
    if (this.staged === 0) return;
    await this.object.write(this.stage.subarray(0, this.staged));
    this.staged = 0;
  }
}
