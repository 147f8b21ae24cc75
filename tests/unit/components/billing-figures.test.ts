import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatAmount, formatDecimal, monthBefore, recentMonths, sumDecimals } from "@/components/statements/figures";
import { decimalTicks, formatChange, formatDecimalBytes } from "@/components/usage/figures";

describe("figures on a bill", () => {
  it.each([
    ["1234.5", 2, "1,234.50"],
    ["0.045000", 2, "0.045"],
    ["-1200000", 0, "−1,200,000"],
    ["12", 0, "12"],
    ["99999999999999999999.123456789", 2, "99,999,999,999,999,999,999.123456789"],
  ])("writes %s with at least %i digits as %s", (value, digits, text) => {
    expect(formatDecimal(value, digits)).toBe(text);
  });

  it("writes an amount with its currency, and without one where there is none", () => {
    expect(formatAmount("10", { currency: "EUR", currencyDigits: 2 })).toBe("10.00 EUR");
    expect(formatAmount("10", { currency: "", currencyDigits: 2 })).toBe("10.00");
  });

  it("adds decimals exactly, whatever their signs", () => {
    const cents = fc.bigInt({ min: -(10n ** 14n), max: 10n ** 14n });
    const text = (value: bigint) =>
      `${value < 0n ? "-" : ""}${(value < 0n ? -value : value).toString().padStart(3, "0").replace(/(..)$/, ".$1")}`;
    fc.assert(
      fc.property(fc.array(cents, { maxLength: 30 }), (values) => {
        const sum = values.reduce((all, value) => all + value, 0n);
        expect(BigInt(sumDecimals(values.map(text)).replace(".", ""))).toBe(sum * 10_000_000n);
      }),
    );
  });

  it("knows the month before, over the turn of the year", () => {
    expect(monthBefore("2026-01")).toBe("2025-12");
    expect(recentMonths(new Date("2026-02-10T00:00:00Z"), 3)).toEqual(["2026-02", "2026-01", "2025-12"]);
  });
});

describe("figures of usage", () => {
  it.each([
    [0, "0 B"],
    [999, "999 B"],
    [999_950, "1 MB"],
    [1_234_567, "1.23 MB"],
    [2_650_000_000_000, "2.65 TB"],
    [-1500, "−1.5 kB"],
  ])("writes %i as %s", (bytes, text) => {
    expect(formatDecimalBytes(bytes)).toBe(text);
  });

  it("says how much it changed, and nothing where there was nothing", () => {
    expect(formatChange(112, 100)).toBe("+12 %");
    expect(formatChange(97, 100)).toBe("−3 %");
    expect(formatChange(100.1, 100)).toBe("no change");
    expect(formatChange(5, 0)).toBeNull();
    expect(formatChange(5, null)).toBeNull();
  });

  it("gives an axis three to six round ticks that reach the largest figure", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 50 }), (max) => {
        const ticks = decimalTicks(max);
        expect(ticks.at(-1)).toBeGreaterThanOrEqual(max);
        expect(ticks.length).toBeGreaterThanOrEqual(3);
        expect(ticks.length).toBeLessThanOrEqual(6);
      }),
    );
  });
});
