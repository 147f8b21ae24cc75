import "server-only";
import type { PackWriter } from "@/lib/engine/packs/writer";
import type { Domain } from "@/lib/engine/repositories/open";
import { invalidInput } from "@/lib/errors";
import { encodeFrame, RECORD_BYTES_MAX, sha256 } from "./codec";
import type { RecordContext } from "./connection";
import { findMissing } from "./find";
import { holeKey, type RecordKey } from "./key";
import { PackStream } from "./pack-stream";
import { recycle, takeScratch } from "./scratch";
import { Slots } from "./slots";
import { isZero } from "./zero";

/** Plaintext under way in one writer: four times what two threads compress at once, and far from the 512 MiB of a process. */
const IN_FLIGHT_BYTES = 24 * 1024 * 1024;
/** Bounds the queues when records are tiny. */
const IN_FLIGHT_RECORDS = 4096;
/** Compressions asked for at once by one writer, so that another one's turn comes too. */
const ENCODERS = 8;

export interface WriteTotals {
  /** Bytes of the frames that this writer added to the repository. */
  storedBytes: number;
  newRecords: number;
  /** Records that were here already, or came before in the same image. Holes are not counted. */
  knownRecords: number;
  /** Plaintext bytes of the known records. */
  savedBytes: number;
}

export interface RecordWriterOptions {
  readonly signal?: AbortSignal;
  /** Awaited before so many bytes of a frame are stored, one at a time; what it throws ends the writer. */
  readonly beforeStoring?: (bytes: number) => Promise<void>;
}

interface Pending {
  plain: Buffer;
  digest: Buffer;
  name: string;
}

/**
 * Stores the records of a capture: hash → "is it here already?" → compress → append → seal. Each step works on several
 * records at once, lookups go in batches, packs are written in the order of `put`. The first failure is thrown by the next
 * call and ends the writer; `abort` must follow it.
 */
export class RecordWriter {
  private readonly bytes = new Slots(IN_FLIGHT_BYTES);
  private readonly records = new Slots(IN_FLIGHT_RECORDS);
  private readonly encoders = new Slots(ENCODERS);
  private readonly packs: PackStream;
  /** Records on their way that the index does not know yet; those of a pack leave when it is indexed. */
  private readonly unindexed = new Set<string>();
  private readonly names = new WeakMap<PackWriter, string[]>();
  private queue: Pending[] = [];
  private working: Promise<void> | null = null;
  private appending: Promise<void> = Promise.resolve();
  private failure: { error: unknown } | null = null;
  private readonly total: WriteTotals = { storedBytes: 0, newRecords: 0, knownRecords: 0, savedBytes: 0 };
  private readonly onAbort: () => void;

  constructor(
    private readonly ctx: RecordContext,
    private readonly domain: Domain,
    private readonly options: RecordWriterOptions = {},
  ) {
    this.packs = new PackStream(ctx, domain, (pack) => this.forget(pack));
    this.onAbort = () => this.fail(options.signal?.reason ?? new Error("aborted"));
    options.signal?.addEventListener("abort", this.onAbort, { once: true });
    if (options.signal?.aborted) this.onAbort();
  }

  /** What was counted so far, for progress. Never goes backwards. */
  get totals(): Readonly<WriteTotals> {
    return this.total;
  }

  /**
   * Takes one record of 1 byte to 4 MiB, copied: the buffer may be used again when this resolves. Resolves with its key when
   * it is hashed and queued, later when too much is under way. May be called again before that.
   */
  async put(record: Buffer): Promise<RecordKey> {
    this.assertWorking();
    if (record.length < 1 || record.length > RECORD_BYTES_MAX)
      throw invalidInput(`A record has 1 to ${RECORD_BYTES_MAX} bytes, not ${record.length}.`);
    if (isZero(record)) return holeKey(record.length);
    await this.records.acquire(1);
    await this.bytes.acquire(record.length);
    const plain = takeScratch(record.length);
    plain.set(record);
    try {
      this.assertWorking();
      const digest = await sha256(plain);
      this.assertWorking();
      this.accept({ plain, digest, name: digest.toString("latin1") });
      return { digest, rawLength: plain.length, aux: 0n };
    } catch (error) {
      this.release(plain);
      throw error;
    }
  }

  /** All records that were put are durable and indexed when it resolves. */
  async finish(): Promise<WriteTotals> {
    try {
      await this.drain();
      this.assertWorking();
      await this.packs.finish();
      return { ...this.total, storedBytes: this.packs.storedBytes };
    } catch (error) {
      await this.abort(error);
      throw error;
    } finally {
      this.options.signal?.removeEventListener("abort", this.onAbort);
    }
  }

  /** Drops what is not sealed yet. Sealed packs stay: the next capture finds their records. */
  async abort(reason: unknown = new Error("aborted")): Promise<void> {
    this.options.signal?.removeEventListener("abort", this.onAbort);
    this.fail(reason);
    await this.drain();
    await this.packs.abort();
  }

  private accept(record: Pending): void {
    if (this.unindexed.has(record.name)) {
      this.countKnown(record);
      return;
    }
    this.unindexed.add(record.name);
    this.queue.push(record);
    this.working ??= this.work();
  }

  /** Looks up whatever gathered while the last lookup was under way: batches grow by themselves when the database is slow. */
  private async work(): Promise<void> {
    // Records of the same turn join the first batch.
    await null;
    while (this.queue.length > 0) {
      const batch = this.queue;
      this.queue = [];
      await this.lookUp(batch);
    }
    this.working = null;
  }

  /** Never rejects. */
  private async lookUp(batch: Pending[]): Promise<void> {
    try {
      this.assertWorking();
      const missing = new Set(
        await findMissing(
          this.ctx,
          this.domain.id,
          batch.map((record) => record.digest),
        ),
      );
      for (const [position, record] of batch.entries()) {
        if (missing.has(position)) this.store(record);
        else {
          this.unindexed.delete(record.name);
          this.countKnown(record);
        }
      }
    } catch (error) {
      this.fail(error);
      for (const record of batch) this.release(record.plain);
    }
  }

  private store(record: Pending): void {
    const encoded = this.encoders.run(1, () => encodeFrame(record.plain, record.digest));
    // Its failure is met by append, but perhaps not before it would count as unhandled.
    encoded.catch(() => undefined);
    this.appending = this.appending.then(() => this.append(record, encoded));
  }

  /** Never rejects. */
  private async append(record: Pending, encoded: Promise<Buffer>): Promise<void> {
    let frame: Buffer | null = null;
    try {
      frame = await encoded;
      this.assertWorking();
      await this.options.beforeStoring?.(frame.length);
      const pack = await this.packs.room(frame.length);
      await pack.append(frame, { digest: record.digest, rawLength: record.plain.length });
      const names = this.names.get(pack) ?? [];
      names.push(record.name);
      this.names.set(pack, names);
      this.total.newRecords++;
      this.total.storedBytes += frame.length;
    } catch (error) {
      this.fail(error);
    } finally {
      if (frame) recycle(frame);
      this.release(record.plain);
    }
  }

  private forget(pack: PackWriter): void {
    for (const name of this.names.get(pack) ?? []) this.unindexed.delete(name);
  }

  private countKnown(record: Pending): void {
    this.total.knownRecords++;
    this.total.savedBytes += record.plain.length;
    this.release(record.plain);
  }

  private async drain(): Promise<void> {
    while (this.working) await this.working;
    await this.appending;
  }

  private release(plain: Buffer): void {
    recycle(plain);
    this.bytes.release(plain.length);
    this.records.release(1);
  }

  private fail(error: unknown): void {
    this.failure ??= { error };
  }

  private assertWorking(): void {
    if (this.failure) throw this.failure.error;
  }
}
