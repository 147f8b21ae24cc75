import { expect, it } from "vitest";
import { GIVEN_UP_MS, nextAttempt } from "@/lib/engine/deliveries/back-off";

const due = new Date("2026-11-21T00:00:00Z");
const after = (ms: number) => new Date(due.getTime() + ms);

it("waits 30 s, doubled each time up to an hour, and gives up a day after the message was due", () => {
  const waits: number[] = [];
  let now = due;
  let attempts = 0;
  for (;;) {
    const next = nextAttempt(++attempts, due, now);
    if (!next) break;
    waits.push((next.getTime() - now.getTime()) / 1000);
    now = next;
  }
  expect(waits.slice(0, 9)).toEqual([30, 60, 120, 240, 480, 960, 1920, 3600, 3600]);
  expect(now.getTime() - due.getTime()).toBeGreaterThanOrEqual(GIVEN_UP_MS);
  expect(attempts).toBeLessThan(40);
});

it("counts the day from when it was due, not from when it was made", () => {
  expect(nextAttempt(1, after(3 * GIVEN_UP_MS), after(3 * GIVEN_UP_MS))).not.toBeNull();
});

it("stays sane for any number of attempts", () => {
  expect(nextAttempt(5_000, due, due)?.getTime()).toBe(after(3_600_000).getTime());
});
