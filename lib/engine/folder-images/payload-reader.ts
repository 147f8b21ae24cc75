import { integrity } from "@/lib/errors";

/** Takes a stream of pieces apart by lengths. */
export class PayloadReader {
  private readonly source: AsyncIterator<Buffer>;
  private rest: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Buffer>) {
    this.source = source[Symbol.asyncIterator]();
  }

  /** The next `length` bytes, piece by piece as they come. */
  async *take(length: number): AsyncGenerator<Buffer> {
    for (let left = length; left > 0; ) {
      if (this.rest.length === 0) await this.refill();
      const piece = this.rest.subarray(0, left);
      this.rest = this.rest.subarray(piece.length);
      left -= piece.length;
      yield piece;
    }
  }

  /** The next `length` bytes in one buffer: for small files. */
  async takeWhole(length: number): Promise<Buffer> {
    if (this.rest.length === 0 && length > 0) await this.refill();
    if (this.rest.length >= length) {
      const whole = this.rest.subarray(0, length);
      this.rest = this.rest.subarray(length);
      return whole;
    }
    const pieces: Buffer[] = [];
    for await (const piece of this.take(length)) pieces.push(piece);
    return Buffer.concat(pieces, length);
  }

  /** Ends the stream early or late; what it still holds open is let go. */
  async close(): Promise<void> {
    await this.source.return?.();
  }

  private async refill(): Promise<void> {
    const { done, value } = await this.source.next();
    if (done) throw integrity("The contents of the image are shorter than its entries say.");
    this.rest = value;
  }
}
