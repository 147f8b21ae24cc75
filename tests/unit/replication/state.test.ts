import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SessionState } from "@/lib/engine/sessions/schemas";
import { assertTransition, canMove, restingState, retryDelaySeconds } from "@/lib/engine/sessions/state";

const states = SessionState.options;

describe("the states of a session", () => {
  it("an ended session stays ended; every other may end or be paused", () => {
    for (const state of states) {
      expect(canMove("ended", state)).toBe(state === "ended");
      expect(canMove(state, "ended")).toBe(true);
      if (state !== "ended") expect(canMove(state, "paused")).toBe(true);
    }
  });

  it("only a session that waits may begin to copy for the first time again", () => {
    expect(canMove("ok", "initializing")).toBe(false);
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
