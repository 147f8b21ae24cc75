import { invalidInput } from "@/lib/errors";

/**
 * One bit per block of an image in order, the lowest bit of a byte first. The same bytes on the wire and in Postgres; the bits
 * behind the last block are zero.
 */
export const bitmapBytes = (blocks: number): number => Math.ceil(blocks / 8);

export const hasBit = (bitmap: Uint8Array, at: number): boolean => ((bitmap[at >> 3] ?? 0) & (1 << (at & 7))) !== 0;

export function setBit(bitmap: Uint8Array, at: number): void {
  bitmap[at >> 3] = (bitmap[at >> 3] ?? 0) | (1 << (at & 7));
}

export function countBits(bitmap: Uint8Array): number {
  let count = 0;
  for (let byte of bitmap) for (; byte !== 0; byte &= byte - 1) count++;
  return count;
}

/** A bitmap of these bits; `bits.length` blocks. */
export function packBits(bits: readonly boolean[]): Buffer {
  const bitmap = Buffer.alloc(bitmapBytes(bits.length));
  for (const [at, bit] of bits.entries()) if (bit) setBit(bitmap, at);
  return bitmap;
}

/** Throws `invalid_input` when it is not a bitmap of so many blocks: another length, or a bit behind the last block. */
export function assertBitmap(bitmap: Uint8Array, blocks: number): void {
  if (bitmap.length !== bitmapBytes(blocks))
    throw invalidInput(`A bitmap of ${blocks} blocks has ${bitmapBytes(blocks)} bytes, not ${bitmap.length}.`);
  for (let at = blocks; at < bitmap.length * 8; at++)
    if (hasBit(bitmap, at)) throw invalidInput(`The bitmap marks block ${at} of an image of ${blocks} blocks.`);
}
