import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  BYTES_PER,
  type ByteUnit,
  byteTicks,
  formatBytes,
  formatDuration,
  formatNumberOf,
  formatPercent,
  formatRelative,
  shareOf,
  splitBytes,
} from "@/lib/format";

describe("bytes", () => {
  it.each([
    [0, "0 B"],
    [1023, "1023 B"],
    [1024, "1 KiB"],
    [1536, "1.5 KiB"],
    [2 ** 20 - 1, "1 MiB"],
    [1.5 * 2 ** 30, "1.5 GiB"],
    [120 * 2 ** 30, "120 GiB"],
    [1.2 * 2 ** 40, "1.2 TiB"],
    [2 ** 53 - 1, "8 PiB"],
  ])("%d is written %s", (size, text) => expect(formatBytes(size)).toBe(text));

  it("are never more than 6 % away from what they stand for, and never four digits above KiB", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }), (size) => {
        const { value, unit } = splitBytes(size);
        const told = Number(value) * BYTES_PER[unit as ByteUnit];
        expect(Math.abs(told - size) / size).toBeLessThan(0.06);
        expect(Number(value)).toBeLessThan(1024);
      }),
    );
  });
});

describe("ticks of an axis", () => {
  it("start at 0, reach the largest figure, and are two to seven", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }), (max) => {
        const ticks = byteTicks(max);
        expect(ticks[0]).toBe(0);
        expect(ticks.at(-1)).toBeGreaterThanOrEqual(max);
        expect(ticks.length).toBeGreaterThanOrEqual(2);
        expect(ticks.length).toBeLessThanOrEqual(7);
      }),
    );
  });
  it("are round in their unit", () => {
    expect(byteTicks(135 * 2 ** 20).map(formatBytes)).toEqual(["0 B", "50 MiB", "100 MiB", "150 MiB"]);
    expect(byteTicks(9.1 * 2 ** 40).map(formatBytes)).toEqual(["0 B", "2 TiB", "4 TiB", "6 TiB", "8 TiB", "10 TiB"]);
  });
});

describe("durations", () => {
  it.each([
    [0, "0 s"],
    [45, "45 s"],
    [200, "3 min 20 s"],
    [3600, "1 h"],
    [3605, "1 h"],
    [7500, "2 h 5 min"],
    [93_600, "1 d 2 h"],
    [86_400 * 40, "40 d"],
  ])("%d s is written %s", (seconds, text) => expect(formatDuration(seconds)).toBe(text));
});

describe("relative times", () => {
  const now = new Date("2026-05-01T12:00:00Z");
  it.each([
    ["2026-05-01T11:59:55Z", "just now"],
    ["2026-05-01T11:57:00Z", "3 min ago"],
    ["2026-05-01T13:30:00Z", "in 1 h"],
    ["2026-04-28T12:00:00Z", "3 d ago"],
  ])("%s is %s", (at, text) => expect(formatRelative(new Date(at), now)).toBe(text));
});

describe("shares", () => {
  it("says 0 % and 100 % only when it is so", () => {
    expect(formatPercent(0)).toBe("0 %");
    expect(formatPercent(0.0001)).toBe("1 %");
    expect(formatPercent(0.9999)).toBe("99 %");
    expect(formatPercent(1)).toBe("100 %");
  });
  it("is 0 while the total is unknown", () => expect(shareOf(5, 0)).toBe(0));
});

it("counts take the plural they need", () => {
  expect(formatNumberOf(1, "agent")).toBe("1 agent");
  expect(formatNumberOf(1200, "recovery point")).toBe("1,200 recovery points");
});
