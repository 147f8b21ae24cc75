import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  IN_FLIGHT_MAX,
  IN_FLIGHT_MIN,
  sizeWindow,
  TRANSFER_BYTES_MAX,
  TRANSFER_BYTES_MIN,
  takeTransfer,
} from "@/lib/engine/replication/window";

const MiB = 1024 * 1024;
const measured = fc.record({
  bytesPerSecond: fc.double({ min: 0, max: 1e11, noNaN: true }),
  answerMs: fc.double({ min: 0, max: 60_000, noNaN: true }),
});

describe("sizeWindow", () => {
  it("keeps within its bounds whatever was measured", () => {
    fc.assert(
      fc.property(measured, (given) => {
        const { transferBytes, inFlight } = sizeWindow(given);
        expect(transferBytes).toBeGreaterThanOrEqual(TRANSFER_BYTES_MIN);
        expect(transferBytes).toBeLessThanOrEqual(TRANSFER_BYTES_MAX);
        expect(Number.isInteger(transferBytes) && Number.isInteger(inFlight)).toBe(true);
        expect(inFlight).toBeGreaterThanOrEqual(IN_FLIGHT_MIN);
        expect(inFlight).toBeLessThanOrEqual(IN_FLIGHT_MAX);
      }),
    );
  });

  it("grows with the rate", () => {
    fc.assert(
      fc.property(measured, fc.double({ min: 1, max: 10, noNaN: true }), (given, factor) => {
        const faster = sizeWindow({ ...given, bytesPerSecond: given.bytesPerSecond * factor });
        if (given.bytesPerSecond > 0)
          expect(faster.transferBytes).toBeGreaterThanOrEqual(sizeWindow(given).transferBytes);
      }),
    );
  });

  it("is what the rate cap makes of it, however fast a burst seemed to be", () => {
    fc.assert(
      fc.property(measured, fc.double({ min: 1, max: 1e9, noNaN: true }), (given, capBytesPerSecond) => {
        const seemed = { ...given, bytesPerSecond: given.bytesPerSecond + capBytesPerSecond };
        const atCap = sizeWindow({ ...given, bytesPerSecond: capBytesPerSecond });
        expect(sizeWindow({ ...seemed, capBytesPerSecond })).toEqual(atCap);
      }),
    );
  });

  it("fills 1 Gbit/s over 150 ms, and begins small", () => {
    const { transferBytes, inFlight } = sizeWindow({ bytesPerSecond: 117e6, answerMs: 150 });
    expect(transferBytes * inFlight).toBeGreaterThan(117e6 * 0.15);
    const first = sizeWindow({ bytesPerSecond: 0, answerMs: 0 });
    expect(first.transferBytes * first.inFlight).toBeLessThanOrEqual(8 * MiB);
  });
});

describe("a target whose disk is slow to flush", () => {
  it("does not keep transfers small: they grow until the line is what takes the time", () => {
    const lineBytesPerSecond = 100e6;
    for (const answerMs of [5, 50, 300, 1000, 3000]) {
      let given = { bytesPerSecond: 1e6, answerMs };
      for (let i = 0; i < 20; i++) {
        const { transferBytes, inFlight } = sizeWindow(given);
        const elapsedMs = (transferBytes * inFlight * 1000) / lineBytesPerSecond + answerMs;
        given = { bytesPerSecond: (transferBytes * inFlight * 1000) / elapsedMs, answerMs };
      }
      const { transferBytes, inFlight } = sizeWindow(given);
      expect(transferBytes * inFlight).toBeGreaterThanOrEqual(
        Math.min(64 * MiB, (lineBytesPerSecond * answerMs) / 1000),
      );
    }
  });
});

describe("takeTransfer", () => {
  const frames = fc.array(fc.record({ length: fc.integer({ min: 1, max: 4 * MiB }) }), { minLength: 1, maxLength: 50 });

  it("cuts a queue into transfers in order, none empty, none larger than the window unless one frame is", () => {
    fc.assert(
      fc.property(frames, fc.integer({ min: 1, max: 8 * MiB }), (given, max) => {
        const queue = [...given];
        const all: { length: number }[] = [];
        while (queue.length > 0) {
          const { taken, bytes } = takeTransfer(queue, max);
          expect(taken.length).toBeGreaterThan(0);
          expect(bytes).toBe(taken.reduce((sum, { length }) => sum + length, 0));
          expect(bytes <= max || taken.length === 1).toBe(true);
          all.push(...taken);
        }
        expect(all).toEqual(given);
      }),
    );
  });
});
