import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { TokenBucket } from "@/lib/engine/replication/throttle";

/** Time that only passes when somebody waits. */
class FakeClock {
  at = 0;
  waits = 0;
  now = () => this.at;
  wait = async (delayMs: number) => {
    this.waits++;
    this.at += delayMs;
  };
}

describe("TokenBucket", () => {
  it("never lets more through than rate × time and one burst", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1000, max: 1e8 }),
        fc.array(fc.integer({ min: 1, max: 65_536 }), { minLength: 1, maxLength: 50 }),
        async (rate, pieces) => {
          const clock = new FakeClock();
          const bucket = new TokenBucket(rate, clock);
          let sent = 0;
          for (const piece of pieces) {
            await bucket.take(piece);
            sent += piece;
            expect(sent).toBeLessThanOrEqual(rate * (clock.at / 1000) + rate / 4 + piece);
          }
        },
      ),
    );
  });

  it("does not wait without a cap", async () => {
    const clock = new FakeClock();
    const bucket = new TokenBucket(null, clock);
    for (let i = 0; i < 100; i++) await bucket.take(1e9);
    expect(clock.waits).toBe(0);
  });

  it("lets those go who wait when the cap is lifted", async () => {
    const clock = new FakeClock();
    const bucket = new TokenBucket(10, clock);
    await bucket.take(1_000_000);
    clock.wait = async (delayMs) => {
      clock.at += delayMs;
      bucket.setRate(null);
    };
    await bucket.take(1);
    expect(clock.at).toBeLessThanOrEqual(250);
  });

  it("a silence is worth no more than a burst", async () => {
    const clock = new FakeClock();
    const bucket = new TokenBucket(1000, clock);
    clock.at = 3_600_000;
    await bucket.take(250);
    await bucket.take(1);
    expect(clock.waits).toBe(0);
    await bucket.take(1);
    expect(clock.waits).toBeGreaterThan(0);
  });
});
