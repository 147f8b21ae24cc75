import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isFileName } from "@/lib/engine/uploads/file-name";
import { layouts, type SeenPiece } from "@/lib/engine/uploads/layouts";

const piece = (sizeBytes: number, timesSeen = 1): SeenPiece => ({ objectId: "x", sizeBytes, timesSeen });

describe("what pieces without offsets may mean", () => {
  it("is one thing when nothing came twice", () => {
    expect([...layouts([piece(10), piece(20)], 30)]).toEqual([[1, 1]]);
    expect([...layouts([piece(10), piece(20)], 40)]).toEqual([]);
    expect([...layouts([], 0)]).toEqual([[]]);
    expect([...layouts([], 1)]).toEqual([]);
  });

  it("is decided by the size: repeats count where bytes are missing, and only there", () => {
    expect([...layouts([piece(10, 3), piece(7)], 17)]).toEqual([[1, 1]]);
    expect([...layouts([piece(10, 3), piece(7)], 37)]).toEqual([[3, 1]]);
    expect([...layouts([piece(10, 3), piece(7)], 27)]).toEqual([[2, 1]]);
    expect([...layouts([piece(10, 3), piece(7)], 28)]).toEqual([]);
  });

  it("leaves the choice to the digest where the size fits several", () => {
    expect([...layouts([piece(10, 3), piece(7), piece(10, 2)], 47)]).toEqual([
      [3, 1, 1],
      [2, 1, 2],
    ]);
  });

  it("is found among repeats of any pattern, and always has the declared size", () => {
    const pieces = fc.array(
      fc.record({ sizeBytes: fc.integer({ min: 1, max: 50 }), real: fc.integer({ min: 1, max: 3 }) }),
      {
        maxLength: 6,
      },
    );
    fc.assert(
      fc.property(pieces, fc.nat(5), (sent, lost) => {
        const seen = sent.map(({ sizeBytes, real }, i) => piece(sizeBytes, real + (i === lost ? 1 : 0)));
        const sizeBytes = sent.reduce((sum, each) => sum + each.sizeBytes * each.real, 0);
        const found = [...layouts(seen, sizeBytes)];
        expect(found.length).toBeLessThanOrEqual(16);
        for (const counts of found)
          expect(counts.reduce((sum, count, i) => sum + count * (seen[i]?.sizeBytes ?? 0), 0)).toBe(sizeBytes);
        if (found.length < 16) expect(found).toContainEqual(sent.map(({ real }) => real));
      }),
    );
  });

  it("is given up after a bounded search, however many repeats somebody made up", () => {
    const hostile = Array.from({ length: 400 }, (_, i) => piece(1_000_003 + 2 * i, 5));
    const once = hostile.reduce((sum, each) => sum + each.sizeBytes, 0);
    expect([...layouts(hostile, once + 7)].length).toBeLessThanOrEqual(16);
    expect([...layouts(hostile, once + 500_000_001)].length).toBeLessThanOrEqual(16);
  });
});

describe("a file name", () => {
  it.each(["ese.dll", "ÄÖÜ 漢字.msu", "a".repeat(255), ".hidden", "x..y"])("may be %j", (name) => {
    expect(isFileName(name)).toBe(true);
  });

  it.each([
    "",
    ".",
    "..",
    "a/b",
    "a\\b",
    "C:a",
    "a\n",
    "a\u0000b",
    "\u202egpj.exe",
    "a\u2028b",
    "\ud800",
    " a",
    "a ",
    "a".repeat(256),
  ])("may not be %j", (name) => {
    expect(isFileName(name)).toBe(false);
  });
});
