import { createCipheriv, createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Chunker,
  CONTENT_BYTES_MAX,
  CONTENT_BYTES_MIN,
  ContentDefinedChunker,
  cut,
  cutFixed,
  FixedChunker,
  isZero,
} from "@/lib/engine/chunking";
import { gather, inPieces } from "../records/bytes";

/** Bytes without a pattern, the same for the same seed. */
function noise(seed: number, length: number): Buffer {
  const key = createHash("md5").update(String(seed)).digest();
  return createCipheriv("aes-128-ctr", key, Buffer.alloc(16)).update(Buffer.alloc(length));
}
const disk = noise(1, 12 * 1024 * 1024);

function cuts(chunker: Chunker, bytes: Buffer, sizes: number[]): Buffer[] {
  const records: Buffer[] = [];
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length] ?? 1;
    records.push(...chunker.push(bytes.subarray(at, at + size)));
    at += size;
  }
  const last = chunker.flush();
  return last ? [...records, last] : records;
}
const hashes = (records: Buffer[]) => records.map((record) => createHash("sha256").update(record).digest("hex"));
const sizes = fc.array(fc.integer({ min: 1000, max: 3_000_000 }), { minLength: 1, maxLength: 5 });
const part = fc
  .tuple(fc.nat(2_000_000), fc.integer({ min: 0, max: 9_000_000 }))
  .map(([from, length]) => disk.subarray(from, from + length));

describe.each([
  ["fixed", () => new FixedChunker()],
  ["fixed, odd size", () => new FixedChunker(77_777)],
  ["content-defined", () => new ContentDefinedChunker()],
] as const)("%s cuts", (_name, make) => {
  it("put together give the stream, and depend on its bytes alone", () => {
    const reused = make();
    fc.assert(
      fc.property(part, sizes, (bytes, pushSizes) => {
        const once = cuts(make(), bytes, [bytes.length || 1]);
        expect(Buffer.concat(once).equals(bytes)).toBe(true);
        expect(hashes(cuts(reused, bytes, pushSizes))).toEqual(hashes(once));
      }),
      { numRuns: 12 },
    );
  });
  it("have memory of their own", () => {
    const input = Buffer.from(disk.subarray(0, 5_000_000));
    const records = make().push(input);
    const before = hashes(records);
    input.fill(0);
    expect(hashes(records)).toEqual(before);
  });
});

describe("content-defined cuts", () => {
  const records = cuts(new ContentDefinedChunker(), disk, [65_536]);
  it("are 256 KiB to 4 MiB long, but for the last, and about 1 MiB on the whole", () => {
    for (const record of records.slice(0, -1)) {
      expect(record.length).toBeGreaterThan(CONTENT_BYTES_MIN);
      expect(record.length).toBeLessThanOrEqual(CONTENT_BYTES_MAX);
    }
    expect(disk.length / records.length).toBeGreaterThan(600_000);
    expect(disk.length / records.length).toBeLessThan(2_000_000);
  });
  it("do not exceed 4 MiB where the content never asks for a cut", () => {
    const same = cuts(new ContentDefinedChunker(), Buffer.alloc(9_000_000, 7), [100_000]);
    expect(same.every((record) => record.length <= CONTENT_BYTES_MAX)).toBe(true);
    expect(Math.max(...same.map((record) => record.length))).toBe(CONTENT_BYTES_MAX);
  });
  it("move only near an insertion, a deletion or a change", () => {
    const known = new Set(hashes(records));
    const edit = fc.record({
      at: fc.nat(disk.length - 10_000),
      insert: fc.nat(3000),
      remove: fc.nat(3000),
      seed: fc.nat(),
    });
    fc.assert(
      fc.property(edit, ({ at, insert, remove, seed }) => {
        const edited = Buffer.concat([disk.subarray(0, at), noise(seed, insert), disk.subarray(at + remove)]);
        const changed = cuts(new ContentDefinedChunker(), edited, [1_000_000]).filter(
          (record) => !known.has(hashes([record])[0] ?? ""),
        );
        expect(changed.reduce((sum, record) => sum + record.length, 0)).toBeLessThan((4 * CONTENT_BYTES_MAX) / 2);
      }),
      { numRuns: 8 },
    );
  });
  it("stay where they were when the product was first released: a repository's deduplication depends on it", () => {
    expect(records.map((record) => record.length)).toMatchInlineSnapshot(`
      [
        1089158,
        300506,
        1122638,
        1151342,
        462661,
        1766370,
        1107932,
        1210733,
        1370310,
        890324,
        1839224,
        271714,
      ]
    `);
  });
});

describe("cutting a stream", () => {
  it("answers the same records as pushing", async () => {
    expect(hashes(await gather(cut(inPieces(disk, [100_000]))))).toEqual(
      hashes(cuts(new ContentDefinedChunker(), disk, [disk.length])),
    );
    expect((await gather(cutFixed(inPieces(disk, [99_999])))).map((block) => block.length)).toEqual(
      Array(12).fill(1024 * 1024),
    );
    expect(await gather(cut(inPieces(Buffer.alloc(0), [1])))).toEqual([]);
  });
});

describe("isZero", () => {
  it("sees a single byte that is not, wherever it is", () => {
    expect(isZero(Buffer.alloc(0))).toBe(true);
    expect(isZero(Buffer.alloc(9_000_000))).toBe(true);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5_000_000 }), fc.nat(), (length, at) => {
        const bytes = Buffer.alloc(length);
        bytes[at % length] = 1;
        expect(isZero(bytes)).toBe(false);
      }),
      { numRuns: 30 },
    );
  });
});
