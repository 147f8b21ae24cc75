import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { locateRecords } from "@/lib/engine/records/find";
import type { RecordKey } from "@/lib/engine/records/key";
import { RecordReader } from "@/lib/engine/records/read";
import type { Domain } from "@/lib/engine/repositories/open";
import { integrity } from "@/lib/errors";
import type { RunControl } from "./control";
import type { ImageRef, TargetCore } from "./target-core";
import { sizeWindow, takeTransfer, type Window } from "./window";

/** Records whose place is looked up together. */
const LOCATE_RECORDS = 2048;
/** How much the newest transfer counts in the measured rate. */
const SMOOTHING = 0.4;

interface Waiting {
  readonly digest: Buffer;
  readonly rawLength: number;
  /** Bytes of its frame. */
  readonly length: number;
}

/** What a run learned of the way to its target; it outlives the images. */
export class Pace {
  /** Whether the target is asked for room before records are sent. */
  asksForRoom = true;
  private bytesPerSecond = 0;
  private answerMs = 0;

  /** What may be under way now, under a rate cap of so many bytes per second. */
  window(capBytesPerSecond: number | null): Window {
    return sizeWindow({ bytesPerSecond: this.bytesPerSecond, answerMs: this.answerMs, capBytesPerSecond });
  }

  /** `answerMs`: how much of `elapsedMs` passed after the last byte. */
  note(bytes: number, elapsedMs: number, answerMs: number, inFlight: number): void {
    const rate = (bytes * inFlight * 1000) / Math.max(1, elapsedMs);
    const first = this.bytesPerSecond === 0;
    this.bytesPerSecond = first ? rate : this.bytesPerSecond * (1 - SMOOTHING) + rate * SMOOTHING;
    this.answerMs = first ? answerMs : this.answerMs * (1 - SMOOTHING) + answerMs * SMOOTHING;
  }
}

/** The transfers of one image: several under way, never more than the window. The first failure is thrown by the next call. */
export class Transfers {
  private readonly reader: RecordReader;
  private readonly inFlight = new Set<Promise<void>>();
  private failure: { error: unknown } | null = null;
  private cut = false;

  constructor(
    private readonly ctx: EngineContext,
    private readonly domain: Domain,
    private readonly target: TargetCore,
    private readonly image: ImageRef,
    private readonly control: RunControl,
    private readonly pace: Pace,
  ) {
    this.reader = new RecordReader(ctx, domain);
  }

  /** Sends the records of one batch of offered keys, in order. Resolves when the last of them is on its way. */
  async send(start: number, keys: readonly RecordKey[]): Promise<void> {
    const queue: Waiting[] = [];
    for (let at = 0; at < keys.length; at += LOCATE_RECORDS) {
      queue.push(...(await this.locate(keys.slice(at, at + LOCATE_RECORDS))));
      const last = at + LOCATE_RECORDS >= keys.length;
      while (queue.length > 0 && (last || bytesOf(queue) >= this.window.transferBytes)) await this.launch(start, queue);
    }
  }

  /** Resolves when everything is durable on the target. */
  async finish(): Promise<void> {
    await Promise.all(this.inFlight);
    this.assertWorking();
    // A transfer may have ended early, so that the image is not whole.
    if (this.cut) this.control.assertGoing();
  }

  /** After a failure: waits for what is in flight, which arrives all the same. */
  async settle(): Promise<void> {
    await Promise.all(this.inFlight);
  }

  private get window(): Window {
    return this.pace.window(this.control.capBytesPerSecond);
  }

  private async locate(keys: readonly RecordKey[]): Promise<Waiting[]> {
    const places = await locateRecords(
      this.ctx,
      this.domain.id,
      keys.map((key) => key.digest),
    );
    return keys.map(({ digest, rawLength }) => {
      const place = places.get(digest.toString("hex"));
      if (!place) throw integrity("A record of this image is missing from the source's repository.");
      return { digest, rawLength, length: place.length };
    });
  }

  private async launch(start: number, queue: Waiting[]): Promise<void> {
    while (this.inFlight.size >= this.window.inFlight) await Promise.race(this.inFlight);
    this.assertWorking();
    this.control.assertGoing();
    const { taken, bytes } = takeTransfer(queue, this.window.transferBytes);
    const transfer: Promise<void> = this.transfer(start, taken, bytes)
      .catch((error: unknown) => {
        this.failure ??= { error };
      })
      .finally(() => this.inFlight.delete(transfer));
    this.inFlight.add(transfer);
  }

  private async transfer(start: number, records: readonly Waiting[], bytes: number): Promise<void> {
    const begunAt = performance.now();
    let answered: () => void = () => undefined;
    let endedAt = begunAt;
    const stored = this.reader.framesOf(records.map(({ digest }) => digest));
    let count = 0;
    // Somebody wants the run to stop: this transfer ends after the record that is on its way.
    const wanted = async function* (control: RunControl) {
      for await (const frame of stored) {
        if (control.stopping) return;
        count++;
        yield frame;
      }
    };
    const frames = this.control.meter.measure(wanted(this.control), () => {
      answered = this.control.meter.begin("target");
      endedAt = performance.now();
    });
    try {
      await this.target.transfer({ ...this.image, start, size: bytes }, frames);
    } finally {
      answered();
    }
    const now = performance.now();
    this.pace.note(bytes, now - begunAt, now - endedAt, this.inFlight.size);
    const sent = records.slice(0, count);
    this.cut ||= sent.length < records.length;
    this.control.progress.sent(
      sent.reduce((sum, record) => sum + record.rawLength, 0),
      sent.length,
    );
  }

  private assertWorking(): void {
    if (this.failure) throw this.failure.error;
  }
}

const bytesOf = (queue: readonly Waiting[]): number => queue.reduce((sum, { length }) => sum + length, 0);
