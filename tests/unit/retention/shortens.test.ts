import { describe, expect, it } from "vitest";
import { keepsLess, keptInWords, rulesKeepLess } from "@/lib/engine/retention/shortens";

const kept = (retentionHours: number | null, retentionCount: number | null = null) => ({
  retentionHours,
  retentionCount,
});

describe("shortening retention", () => {
  it.each([
    [kept(24), kept(48), true],
    [kept(24), kept(null), true],
    [kept(48, 3), kept(48, 5), true],
    [kept(48, 3), kept(48), true],
    [kept(100, 2), kept(48, 3), true],
    [kept(48), kept(48), false],
    [kept(49), kept(48), false],
    [kept(null), kept(48), false],
    [kept(48, null), kept(48, 3), false],
  ])("is less time or fewer points, each for itself: %o after %o is %s", (after, before, is) => {
    expect(keepsLess(after, before)).toBe(is);
  });

  it("of several rules is about the one that keeps longest; without rules nothing expires sooner", () => {
    expect(rulesKeepLess([kept(24)], [kept(24), kept(240)])).toBe(true);
    expect(rulesKeepLess([kept(24), kept(240)], [kept(240)])).toBe(false);
    expect(rulesKeepLess([kept(24), kept(null)], [kept(240)])).toBe(false);
    expect(rulesKeepLess([], [kept(240)])).toBe(false);
    expect(rulesKeepLess([kept(1)], [])).toBe(false);
  });

  it("is told in words", () => {
    expect(keptInWords(kept(null))).toBe("points for ever");
    expect(keptInWords(kept(24, 7))).toBe("points for 1 day, at most 7 of an agent");
    expect(keptInWords(kept(30))).toBe("points for 30 hours");
    expect(keptInWords(kept(null, 5))).toBe("points, at most 5 of an agent");
  });
});
