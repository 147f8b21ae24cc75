import { describe, expect, it } from "vitest";
import { predictionText, usedText } from "@/components/quotas/words";
import type { QuotaReport } from "@/lib/engine/quotas/schemas";

const GiB = 1024 ** 3;
const NOW = new Date("2026-11-21T12:00:00Z");
const report = (changes: Partial<QuotaReport>): QuotaReport => ({
  meter: "stored",
  usedBytes: 40 * GiB,
  softBytes: null,
  hardBytes: 100 * GiB,
  overageBytes: 0,
  state: "ok",
  predictedExhaustionAt: null,
  ...changes,
});

describe("what a page says of a quota", () => {
  it.each([
    [report({}), "40 GiB of 100 GiB"],
    [report({ overageBytes: 10 * GiB }), "40 GiB of 100 GiB + 10 GiB overage"],
    [report({ hardBytes: null, softBytes: 50 * GiB }), "40 GiB of 50 GiB (soft)"],
    [report({ hardBytes: null, state: "none" }), "40 GiB, no quota"],
  ])("is what is used, of how much: %#", (quota, text) => {
    expect(usedText(quota)).toBe(text);
  });

  it("is the day on which it will be used up, and what happens then", () => {
    const said = predictionText(report({ predictedExhaustionAt: "2026-12-24T12:00:00Z" }), NOW);
    expect(said).toEqual({
      text: "As it grew in the last 30 days, new data will be refused in about 33 days: 24 December 2026.",
      isSoon: false,
    });
    const soft = report({ hardBytes: null, softBytes: 50 * GiB, predictedExhaustionAt: "2026-11-22T12:00:00Z" });
    expect(predictionText(soft, NOW)).toMatchObject({
      text: expect.stringContaining("the soft quota is reached tomorrow"),
      isSoon: true,
    });
  });

  it("is that no day can be said, that data is refused, or nothing", () => {
    expect(predictionText(report({}), NOW)?.text).toContain("no date can be said");
    expect(predictionText(report({ state: "over" }), NOW)?.text).toContain("refused until there is room");
    expect(predictionText(report({ state: "none" }), NOW)).toBeNull();
  });
});
