import fc from "fast-check";
import { DateTime } from "luxon";
import { describe, expect, it } from "vitest";
import { quietUntil } from "@/lib/engine/alert-rules/quiet";

const NIGHT = { from: "22:00", to: "06:00", days: [] };
const until = (quiet: Parameters<typeof quietUntil>[0]["quiet"], at: string, timeZone = "Europe/Berlin") => {
  const end = quietUntil({ quiet, timeZone }, DateTime.fromISO(at, { zone: timeZone }).toJSDate());
  return end && DateTime.fromJSDate(end, { zone: timeZone }).toFormat("ccc HH:mm ZZ");
};

describe("quiet hours", () => {
  it.each([
    ["before they begin", NIGHT, "2026-11-18T21:59:59", null],
    ["as they begin", NIGHT, "2026-11-18T22:00:00", "Thu 06:00 +01:00"],
    ["after midnight", NIGHT, "2026-11-19T03:00:00", "Thu 06:00 +01:00"],
    ["as they end", NIGHT, "2026-11-19T06:00:00", null],
    ["within a day", { from: "12:00", to: "13:00", days: [] }, "2026-11-18T12:30:00", "Wed 13:00 +01:00"],
    ["of Friday, on Saturday morning", { ...NIGHT, days: [5] }, "2026-11-21T05:00:00", "Sat 06:00 +01:00"],
    ["of Friday, on Saturday night", { ...NIGHT, days: [5] }, "2026-11-21T23:00:00", null],
    ["of a weekend", { from: "00:00", to: "00:00", days: [6, 7] }, "2026-11-21T10:00:00", "Mon 00:00 +01:00"],
    ["in the night that is an hour shorter", NIGHT, "2026-03-29T01:30:00", "Sun 06:00 +02:00"],
    ["in the night that is an hour longer", NIGHT, "2026-10-25T01:30:00", "Sun 06:00 +01:00"],
    ["that end in the hour that is left out", { ...NIGHT, to: "02:30" }, "2026-03-29T01:00:00", "Sun 03:30 +02:00"],
  ])("%s", (_what, quiet, at, end) => {
    expect(until(quiet, at)).toBe(end);
  });

  it("are none without any", () => {
    expect(quietUntil({ quiet: null, timeZone: "UTC" }, new Date())).toBeNull();
  });

  const minute = fc.integer({ min: 0, max: 24 * 60 - 1 });
  const time = minute.map(
    (at) => `${String(Math.floor(at / 60)).padStart(2, "0")}:${String(at % 60).padStart(2, "0")}`,
  );
  const zones = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "America/St_Johns",
  ];
  const cases = fc.record({
    quiet: fc
      .record({ from: time, to: time, days: fc.uniqueArray(fc.integer({ min: 1, max: 7 }), { maxLength: 6 }) })
      .filter(({ from, to, days }) => from !== to || days.length > 0),
    timeZone: fc.constantFrom(...zones),
    now: fc.date({ min: new Date("2025-01-01"), max: new Date("2027-12-31"), noInvalidDate: true }),
  });

  it("end after now, at a moment that is not quiet, with nothing but quiet in between", () => {
    fc.assert(
      fc.property(cases, ({ quiet, timeZone, now }) => {
        const end = quietUntil({ quiet, timeZone }, now);
        if (!end) return;
        expect(end.getTime()).toBeGreaterThan(now.getTime());
        expect(quietUntil({ quiet, timeZone }, end)).toBeNull();
        const middle = new Date((now.getTime() + end.getTime()) / 2);
        expect(quietUntil({ quiet, timeZone }, middle)?.getTime()).toBe(end.getTime());
        expect(quietUntil({ quiet, timeZone }, new Date(end.getTime() - 1))?.getTime()).toBe(end.getTime());
      }),
      { seed: 20261121, numRuns: 500 },
    );
  });

  it("are what the clock on the wall shows, on days without a change of the clocks", () => {
    fc.assert(
      fc.property(cases, ({ quiet, timeZone, now }) => {
        const local = DateTime.fromJSDate(now, { zone: timeZone });
        const offsets = [-2, -1, 0, 1, 2].map((days) => local.plus({ days }).offset);
        fc.pre(new Set(offsets).size === 1);
        const shown = local.toFormat("HH:mm");
        const begins = (day: DateTime) => quiet.days.length === 0 || quiet.days.includes(day.weekday);
        const yesterday = local.minus({ days: 1 });
        const expected =
          quiet.to > quiet.from
            ? begins(local) && shown >= quiet.from && shown < quiet.to
            : (begins(local) && shown >= quiet.from) || (begins(yesterday) && shown < quiet.to);
        expect(quietUntil({ quiet, timeZone }, now) !== null).toBe(expected);
      }),
      { seed: 20261121, numRuns: 500 },
    );
  });
});
