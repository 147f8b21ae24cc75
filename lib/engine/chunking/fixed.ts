import { type Chunker, cutStream } from "./chunker";

/** The block of disk images. */
export const FIXED_BLOCK_BYTES = 1024 * 1024;

/** Blocks of one size: what changes in place on a disk changes no other block. */
export class FixedChunker implements Chunker {
  private block: Buffer;
  private length = 0;

  constructor(private readonly blockBytes = FIXED_BLOCK_BYTES) {
    this.block = Buffer.allocUnsafeSlow(blockBytes);
  }

  push(bytes: Uint8Array): Buffer[] {
    const records: Buffer[] = [];
    for (let at = 0; at < bytes.length; ) {
      const count = Math.min(this.blockBytes - this.length, bytes.length - at);
      this.block.set(bytes.subarray(at, at + count), this.length);
      this.length += count;
      at += count;
      if (this.length === this.blockBytes) records.push(this.take());
    }
    return records;
  }

  flush(): Buffer | null {
    if (this.length === 0) return null;
    const rest = Buffer.from(this.block.subarray(0, this.length));
    this.length = 0;
    return rest;
  }

  private take(): Buffer {
    const whole = this.block;
    this.block = Buffer.allocUnsafeSlow(this.blockBytes);
    this.length = 0;
    return whole;
  }
}

export const cutFixed = (stream: AsyncIterable<Uint8Array>, blockBytes = FIXED_BLOCK_BYTES): AsyncIterable<Buffer> =>
  cutStream(new FixedChunker(blockBytes), stream);
