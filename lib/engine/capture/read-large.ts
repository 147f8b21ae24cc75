import "server-only";
import { type ContentDefinedChunker, isZero } from "@/lib/engine/chunking";
import { holeKey } from "@/lib/engine/records/key";
import type { FileStat, OpenFile } from "./file-source";
import type { KeyQueue } from "./key-queue";

const PIECE_BYTES = 1024 * 1024;
/** Holes are found in steps of this: what the source's file system frees is a multiple of its blocks. */
const HOLE_BYTES = 64 * 1024;
/** A hole's key stands for at most as much as any record. */
const HOLE_KEY_BYTES_MAX = 4 * 1024 * 1024;

/** Pieces of an open file up to `sizeBytes` or its end, the next one being read while one is used. */
export async function* filePieces(file: OpenFile, sizeBytes: number, pieceBytes = PIECE_BYTES): AsyncGenerator<Buffer> {
  const readAt = async (position: number) => {
    const piece = Buffer.allocUnsafeSlow(Math.min(pieceBytes, sizeBytes - position));
    return piece.subarray(0, await file.read(piece, position));
  };
  let next: Promise<Buffer> | null = sizeBytes > 0 ? readAt(0) : null;
  try {
    for (let at = 0; next; ) {
      const piece: Buffer = await next;
      const whole = piece.length === Math.min(pieceBytes, sizeBytes - at);
      at += piece.length;
      // A short piece is the end of a file that became shorter.
      next = whole && at < sizeBytes ? readAt(at) : null;
      next?.catch(() => undefined);
      if (piece.length > 0) yield piece;
    }
  } finally {
    // The file must not be closed under a read.
    await next?.catch(() => undefined);
  }
}

/** Cuts the content of one file into records of its own, content-defined; runs of zeros of a sparse file become holes. */
export class LargeFileCutter {
  private hole = 0;

  constructor(
    private readonly queue: KeyQueue,
    private readonly chunker: ContentDefinedChunker,
    private readonly sparse: boolean,
  ) {}

  async push(piece: Buffer): Promise<void> {
    if (!this.sparse) return this.data(piece);
    for (let at = 0; at < piece.length; ) {
      const zero = isZero(piece.subarray(at, at + HOLE_BYTES));
      const start = at;
      do at += HOLE_BYTES;
      while (at < piece.length && isZero(piece.subarray(at, at + HOLE_BYTES)) === zero);
      const part = piece.subarray(start, at);
      if (zero) await this.zeros(part.length);
      else await this.data(part);
    }
  }

  async end(): Promise<void> {
    await this.endHole();
    await this.endData();
  }

  private async data(bytes: Buffer): Promise<void> {
    await this.endHole();
    for (const record of this.chunker.push(bytes)) await this.queue.put(record);
  }

  private async zeros(length: number): Promise<void> {
    await this.endData();
    this.hole += length;
    if (this.hole >= HOLE_KEY_BYTES_MAX) await this.endHole();
  }

  private async endData(): Promise<void> {
    const rest = this.chunker.flush();
    if (rest) await this.queue.put(rest);
  }

  private async endHole(): Promise<void> {
    while (this.hole > 0) {
      const length = Math.min(this.hole, HOLE_KEY_BYTES_MAX);
      this.hole -= length;
      await this.queue.take([holeKey(length)]);
    }
  }
}

export const isSparse = (stat: FileStat): boolean => stat.isFile() && stat.blocks * 512n < stat.size;
