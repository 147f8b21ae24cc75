import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SessionState } from "@/lib/engine/sessions/schemas";
import { assertTransition, canMove, restingState, retryDelaySeconds } from "@/lib/engine/sessions/state";

const states = SessionState.options;

describe("the states of a session", () => {
  it("an ended session stays ended, every other may end, and one that copies or waits may be paused", () => {
    for (const state of states) {
      expect(canMove("ended", state)).toBe(state === "ended");
      expect(canMove(state, "ended")).toBe(true);
    }
    for (const state of ["initializing", "ok", "synchronizing", "resuming", "system_paused"] as const)
      expect([canMove(state, "pausing"), canMove(state, "paused")]).toEqual([true, true]);
  });

  it("a failover that has begun ends in a changed role, or waits; it is not paused", () => {
    for (const state of ["failing_over", "failing_over_for_dr", "failed_over"] as const)
      expect([canMove(state, "paused"), canMove(state, "ok")]).toEqual([false, false]);
    expect(canMove("failing_over", "system_paused")).toBe(true);
    expect(canMove("failing_over_for_dr", "system_paused")).toBe(false);
  });

  it("rests where its first copy says", () => {
    expect(() => assertTransition("ended", "ok")).toThrow(/has ended/);
    expect(restingState(false)).toBe("initializing");
    expect(restingState(true)).toBe("ok");
  });
});

describe("retryDelaySeconds", () => {
  it("is 5 seconds first, never falls, and never exceeds 5 minutes", () => {
    expect([1, 2, 3, 4].map(retryDelaySeconds)).toEqual([5, 10, 20, 40]);
    fc.assert(
      fc.property(fc.nat(10_000), (failures) => {
        expect(retryDelaySeconds(failures + 1)).toBeGreaterThanOrEqual(retryDelaySeconds(failures));
        expect(retryDelaySeconds(failures)).toBeLessThanOrEqual(300);
      }),
    );
  });
});
