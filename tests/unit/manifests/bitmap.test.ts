import { describe, expect, it } from "vitest";
import { assertBitmap, bitmapBytes, countBits, hasBit, packBits, setBit } from "@/lib/engine/manifests/bitmap";

describe("a bitmap of blocks", () => {
  it("has one bit per block, the lowest bit of a byte first", () => {
    expect([0, 1, 8, 9, 4096].map(bitmapBytes)).toEqual([0, 1, 1, 2, 512]);
    const bitmap = packBits([true, false, false, true, false, false, false, false, true]);
    expect([...bitmap]).toEqual([0b1001, 1]);
    expect([0, 1, 3, 8].map((at) => hasBit(bitmap, at))).toEqual([true, false, true, true]);
    setBit(bitmap, 1);
    expect([...bitmap]).toEqual([0b1011, 1]);
    expect(countBits(bitmap)).toBe(4);
  });

  it("marks nothing outside of itself", () => {
    expect(hasBit(packBits([true]), 8)).toBe(false);
    expect(hasBit(Buffer.alloc(0), 0)).toBe(false);
  });

  it("is refused when it is too short, too long, or marks a block that is not there", () => {
    expect(() => assertBitmap(Buffer.from([0xff, 1]), 9)).not.toThrow();
    for (const [bytes, blocks] of [
      [[0xff], 9],
      [[0xff, 1, 0], 9],
      [[0xff, 2], 9],
      [[1], 0],
    ] as const)
      expect(() => assertBitmap(Buffer.from(bytes), blocks)).toThrow(
        expect.objectContaining({ code: "invalid_input" }),
      );
  });
});
