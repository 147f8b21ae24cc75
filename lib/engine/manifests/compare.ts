import "server-only";
import { HOLE_DIGEST, KEY_BYTES } from "@/lib/engine/records/key";
import { bitmapBytes, setBit } from "./bitmap";
import { BLOCK_KEYS } from "./format";
import type { Manifest } from "./open";

/** How a raw image differs from another one of its volume. */
export interface Changes {
  /** One bit per block of the newer image: 1 = it differs, or the older one has no such block. */
  readonly bitmap: Buffer;
  readonly changed: number;
  /** Plaintext bytes, and records that are stored, of the blocks that are the same. */
  readonly sameBytes: number;
  readonly sameRecords: number;
}

/** Compares two raw images by their manifests alone: 88 bytes of reading per block, one block of keys of each in memory. */
export async function compareRaw(base: Manifest, next: Manifest): Promise<Changes> {
  const blocks = next.stream("raw")?.keyCount ?? 0;
  const bitmap = Buffer.alloc(bitmapBytes(blocks));
  const count = { changed: 0, sameBytes: 0, sameRecords: 0 };
  for (let start = 0; start < blocks; start += BLOCK_KEYS) {
    const [ours, older] = await Promise.all([next, base].map((one) => keysOf(one, start)));
    for (let at = 0; ours && older && at < ours.length; at += KEY_BYTES) {
      const key = ours.subarray(at, at + KEY_BYTES);
      if (key.equals(older.subarray(at, at + KEY_BYTES))) {
        count.sameBytes += key.readUInt32LE(32);
        if (!key.subarray(0, 32).equals(HOLE_DIGEST)) count.sameRecords++;
      } else {
        setBit(bitmap, start + at / KEY_BYTES);
        count.changed++;
      }
    }
  }
  return { bitmap, ...count };
}

/** One block of packed keys from `start` on; shorter at the end of the image, empty behind it. */
export async function keysOf(manifest: Manifest, start: number): Promise<Buffer> {
  for await (const piece of manifest.packedKeys("raw", start, start + BLOCK_KEYS)) return piece;
  return Buffer.alloc(0);
}
