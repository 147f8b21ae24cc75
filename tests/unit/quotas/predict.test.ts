import { describe, expect, it } from "vitest";
import { predictExhaustion } from "@/lib/engine/quotas/predict";

const DAY = 86_400_000;
const START = Date.UTC(2026, 9, 1);
const GB = 1e9;

const daily = (bytes: readonly number[]) =>
  bytes.map((value, day) => ({ at: new Date(START + day * DAY), bytes: value }));
const days = (count: number, of: (day: number) => number) => daily(Array.from({ length: count }, (_, day) => of(day)));
const dayOf = (date: Date | null) => (date === null ? null : (date.getTime() - START) / DAY);

/** The same numbers at every run. */
function noise(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648 - 0.5;
  };
}

describe("predictExhaustion", () => {
  it("goes on along a steady growth", () => {
    expect(
      dayOf(
        predictExhaustion(
          days(30, (day) => 100 * GB + day * GB),
          159 * GB,
        ),
      ),
    ).toBeCloseTo(59, 5);
  });

  it("does not care for the order of the points", () => {
    const points = days(30, (day) => day * GB);
    expect(predictExhaustion(points.toReversed(), 100 * GB)).toEqual(predictExhaustion(points, 100 * GB));
  });

  it.each([
    ["flat", (_: number) => 50 * GB],
    ["shrinking", (day: number) => (100 - day) * GB],
  ])("says nothing of what is %s", (_name, of) => {
    expect(predictExhaustion(days(30, of), 120 * GB)).toBeNull();
  });

  it("is not moved far by noise", () => {
    const random = noise(7);
    const at = dayOf(
      predictExhaustion(
        days(30, (day) => 100 * GB + day * GB + random() * 2 * GB),
        159 * GB,
      ),
    );
    expect(at).toBeGreaterThan(52);
    expect(at).toBeLessThan(66);
  });

  it("does not take one step for a growth", () => {
    expect(
      predictExhaustion(
        days(30, (day) => (day < 27 ? 100 : 180) * GB),
        200 * GB,
      ),
    ).toBeNull();
  });

  it("goes on from above a step as fast as before and after it", () => {
    const points = days(30, (day) => (day < 25 ? 0 : 100 * GB) + day * GB);
    const at = dayOf(predictExhaustion(points, 139 * GB));
    expect(at).toBeGreaterThan(32);
    expect(at).toBeLessThan(40);
  });

  it("forgives missing days", () => {
    const points = days(30, (day) => day * GB).filter((_, day) => day % 3 !== 1);
    expect(dayOf(predictExhaustion(points, 50 * GB))).toBeCloseTo(50, 5);
  });

  it("says nothing from less than three days, or from nothing", () => {
    expect(predictExhaustion([], GB)).toBeNull();
    expect(
      predictExhaustion(
        days(3, (day) => day * GB),
        100 * GB,
      ),
    ).toBeNull();
    expect(
      predictExhaustion(
        days(4, (day) => day * GB),
        100 * GB,
      ),
    ).not.toBeNull();
  });

  it("says nothing of what lies more than ten years ahead", () => {
    expect(
      predictExhaustion(
        days(30, (day) => day),
        GB,
      ),
    ).toBeNull();
  });

  it("is the newest moment when the limit is reached already", () => {
    expect(
      dayOf(
        predictExhaustion(
          days(5, () => 10 * GB),
          10 * GB,
        ),
      ),
    ).toBe(4);
    expect(dayOf(predictExhaustion(daily([10 * GB]), GB))).toBe(0);
  });

  it("holds out against points of one moment", () => {
    const at = new Date(START);
    expect(
      predictExhaustion(
        [
          { at, bytes: 1 },
          { at, bytes: 2 },
        ],
        GB,
      ),
    ).toBeNull();
  });
});
