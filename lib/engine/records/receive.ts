import "server-only";
import type { Domain } from "@/lib/engine/repositories/open";
import { invalidInput, TwincoreError } from "@/lib/errors";
import { type FrameHeader, frames, readFrameHeader, verifyFrame } from "./codec";
import type { RecordContext } from "./connection";
import { findMissing } from "./find";
import { PackStream } from "./pack-stream";
import { recycle, takeScratch } from "./scratch";

/** Frames that are looked up together. Their verification begins when they arrive; two batches bound the memory. */
const BATCH_BYTES = 8 * 1024 * 1024;
const BATCH_FRAMES = 512;

export interface ReceiveLimits {
  /** Bytes of frames that one stream may carry. */
  bytesMax: number;
  recordsMax: number;
}

export interface Received {
  /** Records that are new here, durable and indexed. */
  records: number;
  /** Bytes of their frames. */
  bytes: number;
  /** Records that were here already, or came twice; verified and not stored again. */
  known: number;
}

interface Arrived {
  frame: Buffer;
  header: FrameHeader;
  /** What is wrong with it, or null: a value, because nobody may wait for it when an earlier record fails. */
  fault: Promise<{ error: unknown } | null>;
}

/**
 * Stores the records of a stream of frames. Each is verified before it is stored; all are durable and indexed when this
 * resolves. When it throws, whole records that came before the fault are stored all the same, so that the sender need not
 * repeat them. Throws `integrity` for a damaged or cut stream, `invalid_input` for a record that `allow` refuses, `too_large`
 * beyond the limits, and whatever the stream throws.
 */
export async function receiveFrames(
  ctx: RecordContext,
  domain: Domain,
  stream: AsyncIterable<Uint8Array>,
  allow: (digest: Buffer) => boolean,
  limits: ReceiveLimits,
): Promise<Received> {
  const receiver = new Receiver(ctx, domain);
  try {
    let bytes = 0;
    let records = 0;
    for await (const frame of frames(stream, takeScratch)) {
      const header = readFrameHeader(frame);
      bytes += frame.length;
      records++;
      if (bytes > limits.bytesMax || records > limits.recordsMax)
        throw new TwincoreError("too_large", "More records came than this transfer may carry.");
      if (!allow(header.digest))
        throw invalidInput("A record came that was not asked for.", header.digest.toString("hex"));
      await receiver.add({ frame, header, fault: faultOf(verifyFrame(header, frame)) });
    }
  } catch (error) {
    await receiver.keep(error);
    throw error;
  }
  return receiver.finish();
}

/** Two batches at most: one is stored while the next one arrives. */
class Receiver {
  private readonly packs: PackStream;
  private batch: Arrived[] = [];
  private batchBytes = 0;
  private storing: Promise<void> = Promise.resolve();
  private failure: { error: unknown } | null = null;
  /** Stored in this stream, and maybe not indexed yet. As many as the limits allow records. */
  private readonly stored = new Set<string>();
  private readonly total: Received = { records: 0, bytes: 0, known: 0 };

  constructor(
    private readonly ctx: RecordContext,
    private readonly domain: Domain,
  ) {
    this.packs = new PackStream(ctx, domain);
  }

  async add(arrived: Arrived): Promise<void> {
    this.batch.push(arrived);
    // A small frame may unpack to a large record, so it is the larger of both that counts.
    this.batchBytes += Math.max(arrived.frame.length, arrived.header.rawLength);
    if (this.batchBytes >= BATCH_BYTES || this.batch.length >= BATCH_FRAMES) await this.dispatch();
  }

  async finish(): Promise<Received> {
    try {
      await this.dispatch();
      await this.storing;
      this.assertWorking();
      await this.packs.finish();
      return this.total;
    } catch (error) {
      await this.keep(error);
      throw error;
    }
  }

  /** After a fault: seals what is verified, if the storage itself still works; the fault is what the caller hears of. */
  async keep(fault: unknown): Promise<void> {
    try {
      await this.storing;
      if (!this.failure) await this.store(this.batch).catch((error) => this.note(error));
      await this.packs.finish();
    } catch (error) {
      if (error !== fault) this.ctx.log.warn({ error }, "what came before a broken transfer could not be kept");
    } finally {
      await this.packs.abort();
    }
  }

  private async dispatch(): Promise<void> {
    const batch = this.batch;
    this.batch = [];
    this.batchBytes = 0;
    await this.storing;
    this.assertWorking();
    this.storing = this.store(batch).catch((error) => this.note(error));
  }

  /** In the order of arrival. Stops at the first record that is damaged, after storing those before it. */
  private async store(batch: Arrived[]): Promise<void> {
    const missing = new Set(
      await findMissing(
        this.ctx,
        this.domain.id,
        batch.map(({ header }) => header.digest),
      ),
    );
    for (const [position, { frame, header, fault }] of batch.entries()) {
      const found = await fault;
      if (found) throw found.error;
      if (missing.has(position) && !this.stored.has(header.digest.toString("latin1"))) await this.append(frame, header);
      else this.total.known++;
      recycle(frame);
    }
  }

  private async append(frame: Buffer, header: FrameHeader): Promise<void> {
    await (await this.packs.room(frame.length)).append(frame, header);
    this.stored.add(header.digest.toString("latin1"));
    this.total.records++;
    this.total.bytes += frame.length;
  }

  private note(error: unknown): void {
    this.failure ??= { error };
  }

  private assertWorking(): void {
    if (this.failure) throw this.failure.error;
  }
}

async function faultOf(verified: Promise<void>): Promise<{ error: unknown } | null> {
  try {
    await verified;
    return null;
  } catch (error) {
    return { error };
  }
}
