import { describe, expect, it } from "vitest";
import { daysOf, monthAfter, monthAt, monthSpan, secondsOf } from "@/lib/engine/usage/calendar";

const hoursOf = (timeZone: string, month: string) =>
  Object.fromEntries(daysOf(monthSpan(timeZone, month)).map((day) => [day.day, secondsOf(day) / 3600]));

describe("the days of a month", () => {
  it.each([
    ["Europe/Berlin", "2026-03", "2026-03-29", 23],
    ["Europe/Berlin", "2026-10", "2026-10-25", 25],
    ["America/New_York", "2026-03", "2026-03-08", 23],
    ["America/New_York", "2026-11", "2026-11-01", 25],
    ["Australia/Lord_Howe", "2026-04", "2026-04-05", 24.5],
    ["Australia/Lord_Howe", "2026-10", "2026-10-04", 23.5],
    // The clock went forward at midnight: the day began at one.
    ["America/Sao_Paulo", "2018-11", "2018-11-04", 23],
  ])("in %s, %s has a day, %s, of %d hours", (zone, month, day, hours) => {
    const all = hoursOf(zone, month);
    expect(all[day]).toBe(hours);
    expect(Object.values(all).filter((length) => length !== 24)).toEqual([hours]);
  });

  it("leave out the one that Apia skipped", () => {
    const days = Object.keys(hoursOf("Pacific/Apia", "2011-12"));
    expect(days).toHaveLength(30);
    expect(days.slice(-2)).toEqual(["2011-12-29", "2011-12-31"]);
  });

  it.each(["Europe/Berlin", "Pacific/Apia", "Asia/Kolkata", "America/Sao_Paulo"])(
    "in %s follow each other without a gap, for years of months that do",
    (zone) => {
      let month = "2010-12";
      let at = monthSpan(zone, month).beginsAt.getTime();
      for (let count = 0; count < 120; count++) {
        const span = monthSpan(zone, month);
        expect(span.beginsAt.getTime()).toBe(at);
        for (const day of daysOf(span)) {
          expect(day.beginsAt.getTime()).toBe(at);
          at = day.endsAt.getTime();
        }
        expect(span.endsAt.getTime()).toBe(at);
        month = monthAfter(month);
      }
    },
  );

  it("are longer or shorter first, in the month behind a move to another zone, so that no second is lost", () => {
    const before = monthSpan("Europe/Berlin", "2026-06");
    for (const [zone, hours] of [
      ["America/New_York", 30],
      ["Asia/Kolkata", 20.5],
    ] as const) {
      const [first] = daysOf(monthSpan(zone, "2026-07", before.endsAt));
      expect(first).toMatchObject({ day: "2026-07-01", beginsAt: before.endsAt });
      expect(first && secondsOf(first) / 3600).toBe(hours);
    }
  });

  it("are those of UTC for a zone that nobody knows", () => {
    expect(monthSpan("Mars/Olympus", "2026-07").beginsAt).toEqual(new Date("2026-07-01T00:00:00Z"));
    expect(monthAt("Pacific/Auckland", new Date("2026-06-30T13:00:00Z"))).toBe("2026-07");
  });
});
