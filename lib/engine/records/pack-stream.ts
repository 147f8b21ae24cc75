import "server-only";
import { PackWriter } from "@/lib/engine/packs/writer";
import type { Domain } from "@/lib/engine/repositories/open";
import type { RecordContext } from "./connection";

/**
 * Frames into as many packs as they need. A full pack is sealed in the background while the next one fills; never more than
 * one at a time, so that a slow disk is felt by the caller and not by the memory. One call at a time.
 */
export class PackStream {
  private pack: PackWriter | null = null;
  private sealing: Promise<void> = Promise.resolve();
  private sealedBytes = 0;
  private failure: { error: unknown } | null = null;

  constructor(
    private readonly ctx: RecordContext,
    private readonly domain: Domain,
    /** Called when the records of a pack are indexed. */
    private readonly onSealed: (pack: PackWriter) => void = () => undefined,
  ) {}

  /** Bytes of frames in packs that are sealed. */
  get storedBytes(): number {
    return this.sealedBytes;
  }

  /** The pack that the next frame of this length will go to. */
  async room(frameLength: number): Promise<PackWriter> {
    this.assertWorking();
    if (this.pack && !this.pack.fits(frameLength)) await this.sealInBackground(this.pack);
    this.pack ??= await PackWriter.create(this.domain, this.ctx);
    return this.pack;
  }

  /** Seals what is there; all appended records are durable and indexed when it resolves. */
  async finish(): Promise<void> {
    if (this.pack) await this.sealInBackground(this.pack);
    await this.sealing;
    this.assertWorking();
  }

  /** Drops the open pack; a pack that is being sealed is finished first, since it may be indexed at any moment. */
  async abort(): Promise<void> {
    await this.sealing;
    const open = this.pack;
    this.pack = null;
    this.failure ??= { error: new Error("aborted") };
    await open?.abort();
  }

  private async sealInBackground(pack: PackWriter): Promise<void> {
    await this.sealing;
    this.assertWorking();
    this.pack = null;
    this.sealing = this.seal(pack);
  }

  /** Never rejects: the failure is met by the next call. */
  private async seal(pack: PackWriter): Promise<void> {
    try {
      await pack.seal();
      this.sealedBytes += pack.sizeBytes;
      this.onSealed(pack);
    } catch (error) {
      this.failure ??= { error };
      await pack.abort();
    }
  }

  private assertWorking(): void {
    if (this.failure) throw this.failure.error;
  }
}
