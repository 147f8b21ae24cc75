import { lstatSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { parseRange } from "@/lib/engine/restore/range";
import { floorDivide, toFileTime } from "@/lib/engine/restore/times";

describe("a Range header", () => {
  it.each([
    [undefined, 0, 100],
    ["bytes=0-", 0, 100],
    ["bytes=10-19", 10, 20],
    ["bytes=90-200", 90, 100],
    ["bytes=-10", 90, 100],
    ["bytes=-200", 0, 100],
    ["bytes=99-99", 99, 100],
    ["bytes=0-0,5-6", 0, 100],
    ["lines=1-2", 0, 100],
    ["bytes=20-10", 0, 100],
    ["bytes=-", 0, 100],
  ])("%s of 100 bytes is %d to %d", (header, start, end) => {
    expect(parseRange(header, 100)).toEqual({ start, end });
  });

  it.each(["bytes=100-", "bytes=200-300", "bytes=-0"])("%s of 100 bytes does not exist", (header) => {
    expect(() => parseRange(header, 100)).toThrow(expect.objectContaining({ code: "bad_range" }));
  });
});

describe("times of files", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "twincore-times-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("arrive whole to the microsecond, before 1970 too", () => {
    const file = path.join(folder, "file");
    writeFileSync(file, "");
    fc.assert(
      fc.property(fc.bigInt({ min: -2_000_000_000n * 10n ** 9n, max: 4_000_000_000n * 10n ** 9n }), (ns) => {
        utimesSync(file, toFileTime(ns), toFileTime(ns));
        const got = lstatSync(file, { bigint: true }).mtimeNs;
        expect(floorDivide(got, 1000n)).toBe(floorDivide(ns, 1000n));
      }),
    );
  });
});
