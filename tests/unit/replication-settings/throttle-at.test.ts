import { describe, expect, it } from "vitest";
import { SetThrottleInput, ThrottleSchedule, type ThrottleWindow } from "@/lib/engine/replication-settings/schemas";
import { throttleAt } from "@/lib/engine/replication-settings/throttle-at";

const ALL = [0, 1, 2, 3, 4, 5, 6];
const window = (given: Partial<ThrottleWindow>): ThrottleWindow => ({
  percentage: 25,
  days: ALL,
  start: "08:00",
  end: "18:00",
  ...given,
});
const schedule = (windows: ThrottleWindow[], timeZone = "UTC") =>
  ThrottleSchedule.parse({ bandwidthBytesPerSecond: 1_000_000, timeZone, windows });
const cap = (bytesPerSecond: number, percentage: number) => ({ kind: "cap", bytesPerSecond, percentage });

describe("throttleAt", () => {
  it("caps inside a window from its first minute to before its end, and not outside", () => {
    const day = schedule([window({})]);
    expect(throttleAt(day, new Date("2026-11-21T07:59:59Z"))).toEqual({ kind: "none" });
    expect(throttleAt(day, new Date("2026-11-21T08:00:00Z"))).toEqual(cap(250_000, 25));
    expect(throttleAt(day, new Date("2026-11-21T17:59:59Z"))).toEqual(cap(250_000, 25));
    expect(throttleAt(day, new Date("2026-11-21T18:00:00Z"))).toEqual({ kind: "none" });
  });

  it("goes over midnight into a day that is not named, and not before the first named one", () => {
    // 2026-11-21 is a Saturday.
    const night = schedule([window({ days: [6], start: "22:00", end: "06:00" })]);
    expect(throttleAt(night, new Date("2026-11-21T23:00:00Z"))).toEqual(cap(250_000, 25));
    expect(throttleAt(night, new Date("2026-11-22T05:59:00Z"))).toEqual(cap(250_000, 25));
    expect(throttleAt(night, new Date("2026-11-22T06:00:00Z"))).toEqual({ kind: "none" });
    expect(throttleAt(night, new Date("2026-11-21T05:00:00Z"))).toEqual({ kind: "none" });
  });

  it("takes equal ends as the whole day", () => {
    const whole = schedule([window({ days: [6], start: "00:00", end: "00:00" })]);
    expect(throttleAt(whole, new Date("2026-11-21T00:00:00Z"))).toEqual(cap(250_000, 25));
    expect(throttleAt(whole, new Date("2026-11-21T23:59:00Z"))).toEqual(cap(250_000, 25));
    expect(throttleAt(whole, new Date("2026-11-22T00:00:00Z"))).toEqual({ kind: "none" });
  });

  it("follows the wall clock of its time zone through daylight saving", () => {
    const berlin = schedule([window({})], "Europe/Berlin");
    expect(throttleAt(berlin, new Date("2026-07-01T06:00:00Z"))).toEqual(cap(250_000, 25));
    expect(throttleAt(berlin, new Date("2026-12-01T06:00:00Z"))).toEqual({ kind: "none" });
    expect(throttleAt(berlin, new Date("2026-12-01T07:00:00Z"))).toEqual(cap(250_000, 25));
  });

  it("lets the lowest percentage count where windows overlap, and sends nothing at 0", () => {
    const two = schedule([window({ percentage: 80 }), window({ percentage: 10, start: "12:00", end: "13:00" })]);
    expect(throttleAt(two, new Date("2026-11-21T11:00:00Z"))).toEqual(cap(800_000, 80));
    expect(throttleAt(two, new Date("2026-11-21T12:30:00Z"))).toEqual(cap(100_000, 10));
    const shut = schedule([window({ percentage: 0 }), window({ percentage: 80 })]);
    expect(throttleAt(shut, new Date("2026-11-21T11:00:00Z"))).toEqual({ kind: "blocked" });
  });

  it("never caps to nothing", () => {
    const slow = ThrottleSchedule.parse({ bandwidthBytesPerSecond: 1, windows: [window({ percentage: 1 })] });
    expect(throttleAt(slow, new Date("2026-11-21T11:00:00Z"))).toEqual(cap(1, 1));
  });
});

describe("a throttle schedule", () => {
  it("refuses a percentage of an unknown bandwidth, an unknown time zone, and times that are none", () => {
    const refused = (given: unknown) => expect(SetThrottleInput.safeParse(given).success).toBe(false);
    refused({ windows: [window({})] });
    refused({ timeZone: "Nowhere/Land" });
    refused({ bandwidthBytesPerSecond: 1, windows: [window({ start: "24:00" })] });
    refused({ bandwidthBytesPerSecond: 1, windows: [window({ days: [] })] });
    refused({ bandwidthBytesPerSecond: 1, windows: [window({ percentage: 101 })] });
    expect(SetThrottleInput.safeParse({ windows: [window({ percentage: 0 })] }).success).toBe(true);
  });
});
