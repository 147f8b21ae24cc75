import { createHash, randomBytes } from "node:crypto";
import fc from "fast-check";

export const digestOf = (bytes: Uint8Array): Buffer => createHash("sha256").update(bytes).digest();

/** Plaintexts of all the kinds that the codec treats differently: tiny, compressible, not, and on either side of its borders. */
export const plaintext: fc.Arbitrary<Buffer> = fc
  .record({
    length: fc.oneof(
      fc.integer({ min: 1, max: 300 }),
      fc.constantFrom(127, 128, 32_767, 32_768, 131_072, 131_073),
      fc.integer({ min: 1, max: 400_000 }),
    ),
    kind: fc.constantFrom("random", "repeated", "mixed"),
    seed: fc.integer({ min: 0, max: 255 }),
  })
  .map(({ length, kind, seed }) => {
    if (kind === "random") return randomBytes(length);
    const bytes = Buffer.alloc(length, `record ${seed} `);
    if (kind === "mixed") randomBytes(length >> 1).copy(bytes);
    return bytes;
  });

export async function* inPieces(bytes: Buffer, sizes: number[]): AsyncIterable<Buffer> {
  let at = 0;
  for (let i = 0; at < bytes.length; i++) {
    const size = Math.max(1, sizes[i % sizes.length] ?? 1000);
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

export async function gather<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

export const errorCode = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => "no error",
    (error) => String(error.code ?? error),
  );
