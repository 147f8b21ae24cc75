import type { z } from "zod";
import type { LimitedBy, RunPhase, TransferMode } from "@/lib/engine/sessions/schemas";
import type { JobProgress } from "./peer-schemas";

/** The counters of a run as its row holds them. */
export interface Counters {
  pointsTotal: number;
  pointsDone: number;
  bytesTotal: number;
  bytesDone: number;
  wireBytes: number;
  savedBytes: number;
  recordsNew: number;
  recordsKnown: number;
}

/** How much the newest second counts in the rate that people see. */
const SMOOTHING = 0.3;

/**
 * What a run has done, in memory; its row is written from it about once a second. Nothing here ever goes backwards, also when
 * another worker takes the run over: the image that was interrupted is walked through again, and counts only from where it was.
 */
export class Progress {
  phase: RunPhase = "plan";
  limitedBy: z.infer<typeof LimitedBy> = "nothing";
  mode: TransferMode = "negotiated";
  /** Did any record get across in this attempt? Then the next failure is a new one. */
  moved = false;
  private readonly before: Counters;
  private now: Counters;
  /** Bytes of images that are done. */
  private doneBytes = 0;
  private imageBytes = 0;
  private imageKnown = 0;
  private doneFirstImage = false;
  private sentRaw = 0;
  private rate = 0;

  constructor(counters: Counters) {
    this.before = { ...counters };
    this.now = { ...counters };
  }

  /** What is left to do. Of a run that was begun before, the rest of its total is done. */
  plan(points: number, bytes: number): void {
    this.doneBytes = Math.max(0, this.before.bytesTotal - bytes);
    this.now.pointsTotal = Math.max(this.now.pointsTotal, this.now.pointsDone + points);
    this.now.bytesTotal = Math.max(this.now.bytesTotal, this.doneBytes + bytes);
  }

  /** Points that came while the run went on. */
  extend(points: number, bytes: number): void {
    this.now.pointsTotal += points;
    this.now.bytesTotal += bytes;
  }

  wire(bytes: number): void {
    this.now.wireBytes += bytes;
  }

  /** Records that need not be sent, and holes. */
  known(bytes: number, records: number): void {
    this.imageBytes += bytes;
    this.imageKnown += records;
    // Of an image that is walked through again, what was sent before is known now; it was counted as new then.
    const again = this.doneFirstImage ? 0 : this.before.recordsNew;
    if (this.doneFirstImage) this.now.recordsKnown += records;
    else this.now.recordsKnown = Math.max(this.now.recordsKnown, this.imageKnown - again);
    this.advance();
  }

  /** Records that are durable on the target. */
  sent(rawBytes: number, records: number): void {
    this.imageBytes += rawBytes;
    this.sentRaw += rawBytes;
    this.moved = true;
    this.now.recordsNew += records;
    this.advance();
  }

  /** An image, or a second attempt at it. */
  beginImage(): void {
    this.imageBytes = 0;
    this.imageKnown = 0;
  }

  endImage(sizeBytes: number): void {
    this.doneBytes += sizeBytes;
    this.beginImage();
    this.doneFirstImage = true;
    this.advance();
  }

  endPoint(): void {
    this.now.pointsDone = Math.min(this.now.pointsTotal, this.now.pointsDone + 1);
  }

  /** Everything is on the target. */
  complete(): void {
    this.now.pointsDone = this.now.pointsTotal;
    this.now.bytesDone = this.now.bytesTotal;
  }

  /** Takes the progress since the last tick into the rate. */
  tick(seconds: number, bytesDoneBefore: number): void {
    if (seconds <= 0) return;
    const current = (this.now.bytesDone - bytesDoneBefore) / seconds;
    this.rate = this.rate === 0 ? current : this.rate * (1 - SMOOTHING) + current * SMOOTHING;
  }

  /** Of the image under way. */
  get imageBytesDone(): number {
    return this.imageBytes;
  }

  get counters(): Readonly<Counters> {
    return this.now;
  }

  report(): JobProgress {
    const left = this.now.bytesTotal - this.now.bytesDone;
    const rateBytesPerSecond = Math.round(this.rate);
    return {
      phase: this.phase,
      ...this.now,
      rateBytesPerSecond,
      etaSeconds: rateBytesPerSecond > 0 && left > 0 ? Math.ceil(left / rateBytesPerSecond) : null,
      limitedBy: this.limitedBy,
      mode: this.mode,
    };
  }

  private advance(): void {
    const done = Math.min(this.now.bytesTotal, this.doneBytes + this.imageBytes);
    this.now.bytesDone = Math.max(this.now.bytesDone, done);
    const sentRaw = this.before.bytesDone - this.before.savedBytes + this.sentRaw;
    this.now.savedBytes = Math.max(this.now.savedBytes, this.now.bytesDone - sentRaw);
  }
}
