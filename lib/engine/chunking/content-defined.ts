import { type Chunker, cutStream } from "./chunker";
import { GEAR } from "./gear";

export const CONTENT_BYTES_MIN = 256 * 1024;
export const CONTENT_BYTES_TARGET = 1024 * 1024;
export const CONTENT_BYTES_MAX = 4 * 1024 * 1024;

/**
 * A cut falls where the top bits of a rolling hash are zero: 21 of them before the target, 18 behind it. The harder and
 * easier condition pull sizes together around the target (the "normalized chunking" of FastCDC); the mean is 1.1 MiB.
 */
const HARD_MASK = -1 << (32 - 21);
const EASY_MASK = -1 << (32 - 18);
/** A byte leaves a 32-bit hash that shifts by one after so many more: what lies further back cannot move a cut. */
const WINDOW_BYTES = 32;

/** Cuts where the content says so, 256 KiB to 4 MiB apart: an insertion moves only the cuts near it. */
export class ContentDefinedChunker implements Chunker {
  private readonly staged = Buffer.allocUnsafeSlow(CONTENT_BYTES_MAX);
  private length = 0;
  /** How far the staged bytes are scanned, and the hash there. */
  private scanned = 0;
  private hash = 0;

  push(bytes: Uint8Array): Buffer[] {
    const records: Buffer[] = [];
    for (let at = 0; at < bytes.length; ) {
      const count = Math.min(CONTENT_BYTES_MAX - this.length, bytes.length - at);
      this.staged.set(bytes.subarray(at, at + count), this.length);
      this.length += count;
      at += count;
      for (let cut = this.scan(); cut > 0; cut = this.scan()) records.push(this.take(cut));
    }
    return records;
  }

  flush(): Buffer | null {
    if (this.length === 0) return null;
    return this.take(this.length);
  }

  /** Where the staged bytes are to be cut, or 0 when that is not known yet. */
  private scan(): number {
    if (this.length <= CONTENT_BYTES_MIN) return 0;
    if (this.scanned === 0) this.warmUp();
    const found =
      this.roll(Math.min(this.length, CONTENT_BYTES_TARGET), HARD_MASK) || this.roll(this.length, EASY_MASK);
    return found || (this.length === CONTENT_BYTES_MAX ? CONTENT_BYTES_MAX : 0);
  }

  /** No cut can fall before the minimum, so nothing is hashed there but the window in front of it. */
  private warmUp(): void {
    this.hash = 0;
    for (let at = CONTENT_BYTES_MIN - WINDOW_BYTES; at < CONTENT_BYTES_MIN; at++)
      this.hash = next(this.hash, this.staged, at);
    this.scanned = CONTENT_BYTES_MIN;
  }

  /**
   * Hashes on to `end`; answers where the record ends if the condition comes true before. Four bytes a turn: this loop sees
   * every byte of a capture, and V8 runs it more than twice as fast so (1 GB/s).
   */
  private roll(end: number, mask: number): number {
    const bytes = this.staged;
    let hash = this.hash;
    let at = this.scanned;
    for (const last = end - 3; at < last; at += 4) {
      hash = next(hash, bytes, at);
      if ((hash & mask) === 0) return at + 1;
      hash = next(hash, bytes, at + 1);
      if ((hash & mask) === 0) return at + 2;
      hash = next(hash, bytes, at + 2);
      if ((hash & mask) === 0) return at + 3;
      hash = next(hash, bytes, at + 3);
      if ((hash & mask) === 0) return at + 4;
    }
    for (; at < end; at++) {
      hash = next(hash, bytes, at);
      if ((hash & mask) === 0) return at + 1;
    }
    this.scanned = Math.max(this.scanned, end);
    this.hash = hash;
    return 0;
  }

  private take(cut: number): Buffer {
    const record = Buffer.from(this.staged.subarray(0, cut));
    this.staged.copy(this.staged, 0, cut, this.length);
    this.length -= cut;
    this.scanned = 0;
    return record;
  }
}

/** `at` lies inside of `bytes` and a byte inside of the table, so neither is undefined. */
const next = (hash: number, bytes: Uint8Array, at: number): number =>
  ((hash << 1) + (GEAR[bytes[at] as number] as number)) | 0;

export const cut = (stream: AsyncIterable<Uint8Array>): AsyncIterable<Buffer> =>
  cutStream(new ContentDefinedChunker(), stream);
