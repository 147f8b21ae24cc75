import { crc32 } from "node:zlib";
import { integrity } from "@/lib/errors";
import { DIGEST_BYTES } from "./key";

/** More than this is no record: it bounds what a decoder may allocate. */
export const RECORD_BYTES_MAX = 4 * 1024 * 1024;
export const FRAME_HEADER_BYTES = 52;

/** "TCR", then the format version. */
const MAGIC = Buffer.from([0x54, 0x43, 0x52, 0x01]);
const CRC_AT = 48;

export type Codec = "raw" | "zstd";
const CODECS: readonly Codec[] = ["raw", "zstd"];

export interface FrameHeader {
  codec: Codec;
  /** Bytes of the plaintext. */
  rawLength: number;
  /** Bytes of the body, which follows the header. */
  bodyLength: number;
  /** SHA-256 of the plaintext. */
  digest: Buffer;
}

/** Writes a header to the beginning of `frame`, whose body is in place. Layout: lib/engine/README.md. */
export function writeFrameHeader(frame: Buffer, header: FrameHeader): void {
  frame.fill(0, 0, FRAME_HEADER_BYTES);
  frame.set(MAGIC, 0);
  frame.writeUInt8(CODECS.indexOf(header.codec), 4);
  frame.writeUInt32LE(header.rawLength, 8);
  frame.writeUInt32LE(header.bodyLength, 12);
  frame.set(header.digest, 16);
  frame.writeUInt32LE(crc32(frame.subarray(0, CRC_AT)), CRC_AT);
}

/** Reads and checks the header at the beginning of `bytes`. Throws `integrity`; never trusts a length it did not check. */
export function readFrameHeader(bytes: Buffer): FrameHeader {
  if (bytes.length < FRAME_HEADER_BYTES) throw integrity("A record is cut off inside its header.");
  if (!bytes.subarray(0, MAGIC.length).equals(MAGIC)) throw integrity("There is no record where one should begin.");
  if (crc32(bytes.subarray(0, CRC_AT)) !== bytes.readUInt32LE(CRC_AT))
    throw integrity("The header of a record is damaged.");
  const codec = CODECS[bytes.readUInt8(4)];
  const rawLength = bytes.readUInt32LE(8);
  const bodyLength = bytes.readUInt32LE(12);
  const reserved = bytes.readUIntLE(5, 3);
  const fits = codec === "raw" ? bodyLength === rawLength : bodyLength < rawLength;
  if (!codec || reserved !== 0 || rawLength < 1 || rawLength > RECORD_BYTES_MAX || bodyLength < 1 || !fits)
    throw integrity("The header of a record says what no record can be.");
  return { codec, rawLength, bodyLength, digest: Buffer.from(bytes.subarray(16, 16 + DIGEST_BYTES)) };
}

/**
 * Splits a byte stream into whole frames, in order. At most one frame is in memory. A stream that ends inside one → `integrity`.
 * `allocate` gives the memory of a frame.
 */
export async function* frames(
  stream: AsyncIterable<Uint8Array>,
  allocate: (length: number) => Buffer = Buffer.allocUnsafeSlow,
): AsyncIterable<Buffer> {
  const splitter = new FrameSplitter(allocate);
  for await (const piece of stream) yield* splitter.push(piece);
  splitter.end();
}

class FrameSplitter {
  private readonly header = Buffer.alloc(FRAME_HEADER_BYTES);
  private headerLength = 0;
  private frame: Buffer | null = null;
  private frameLength = 0;

  constructor(private readonly allocate: (length: number) => Buffer) {}

  *push(piece: Uint8Array): Iterable<Buffer> {
    for (let at = 0; at < piece.length; ) {
      at += this.frame ? this.takeBody(this.frame, piece, at) : this.takeHeader(piece, at);
      if (this.frame && this.frameLength === this.frame.length) {
        const whole = this.frame;
        this.frame = null;
        yield whole;
      }
    }
  }

  end(): void {
    if (this.frame || this.headerLength > 0) throw integrity("The stream of records was cut off inside a record.");
  }

  private takeHeader(piece: Uint8Array, at: number): number {
    const count = Math.min(FRAME_HEADER_BYTES - this.headerLength, piece.length - at);
    this.header.set(piece.subarray(at, at + count), this.headerLength);
    this.headerLength += count;
    if (this.headerLength === FRAME_HEADER_BYTES) {
      this.frame = this.allocate(FRAME_HEADER_BYTES + readFrameHeader(this.header).bodyLength);
      this.frame.set(this.header);
      this.frameLength = FRAME_HEADER_BYTES;
      this.headerLength = 0;
    }
    return count;
  }

  private takeBody(frame: Buffer, piece: Uint8Array, at: number): number {
    const count = Math.min(frame.length - this.frameLength, piece.length - at);
    frame.set(piece.subarray(at, at + count), this.frameLength);
    this.frameLength += count;
    return count;
  }
}
