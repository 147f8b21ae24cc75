import { describe, expect, it } from "vitest";
import { nextSlots, type Schedule } from "@/lib/engine/snapshot-rules/slots";

const HOUR_MS = 3600_000;
const daily = (timeOfDay: string, timeZone: string, daysOfWeek: number[] = []): Schedule => ({
  intervalMinutes: null,
  timeOfDay,
  daysOfWeek,
  timeZone,
});
const every = (intervalMinutes: number, timeZone: string, daysOfWeek: number[] = []): Schedule => ({
  intervalMinutes,
  timeOfDay: null,
  daysOfWeek,
  timeZone,
});
const slots = (rule: Schedule, after: string, count: number) =>
  nextSlots(rule, new Date(after), count).map((slot) => slot.toISOString());

describe("a time of day", () => {
  it("that is left out when the clock is put forward comes right after the gap, once", () => {
    expect(slots(daily("02:30", "Europe/Berlin"), "2026-03-28T12:00:00Z", 2)).toEqual([
      "2026-03-29T01:00:00.000Z",
      "2026-03-30T00:30:00.000Z",
    ]);
  });

  it("that comes twice when the clock is put back counts the first time, once", () => {
    expect(slots(daily("02:30", "Europe/Berlin"), "2026-10-24T12:00:00Z", 2)).toEqual([
      "2026-10-25T00:30:00.000Z",
      "2026-10-26T01:30:00.000Z",
    ]);
    // In the hour that comes again it is over.
    expect(slots(daily("02:30", "Europe/Berlin"), "2026-10-25T00:30:00Z", 1)).toEqual(["2026-10-26T01:30:00.000Z"]);
  });

  it("on weekdays leaves out the weekend of its zone, not of UTC", () => {
    expect(slots(daily("23:00", "America/New_York", [1, 2, 3, 4, 5]), "2026-11-20T00:00:00Z", 3)).toEqual([
      "2026-11-20T04:00:00.000Z",
      "2026-11-21T04:00:00.000Z",
      "2026-11-24T04:00:00.000Z",
    ]);
  });
});

describe("an interval", () => {
  it("goes through the hour that comes twice and the one that is left out in even steps", () => {
    for (const day of ["2026-10-24T22:00:00Z", "2026-03-28T23:00:00Z"]) {
      const found = nextSlots(every(15, "Europe/Berlin"), new Date(day), 120);
      const steps = new Set(found.slice(1).map((slot, index) => slot.getTime() - (found[index]?.getTime() ?? 0)));
      expect([...steps]).toEqual([HOUR_MS / 4]);
    }
  });

  it("of half a day does not run a second time just before midnight of a day of 25 hours", () => {
    expect(slots(every(720, "Europe/Berlin"), "2026-10-24T21:59:59Z", 3)).toEqual([
      "2026-10-24T22:00:00.000Z",
      "2026-10-25T10:00:00.000Z",
      "2026-10-25T23:00:00.000Z",
    ]);
  });

  it("begins with midnight where midnight itself is left out", () => {
    expect(slots(every(360, "America/Havana"), "2026-03-08T04:59:59Z", 2)).toEqual([
      "2026-03-08T05:00:00.000Z",
      "2026-03-08T11:00:00.000Z",
    ]);
  });
});

const ZONES = [
  "UTC",
  "Europe/Berlin",
  "America/New_York",
  "America/Havana",
  "America/Sao_Paulo",
  "Asia/Kathmandu",
  "Asia/Beirut",
  "Australia/Lord_Howe",
  "Pacific/Chatham",
  "Pacific/Apia",
  "Africa/Casablanca",
];

/** The same numbers in every run. */
function seeded(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const localDate = (at: Date, timeZone: string) => new Intl.DateTimeFormat("en-CA", { timeZone }).format(at);
const weekday = (at: Date, timeZone: string) =>
  ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"].indexOf(
    new Intl.DateTimeFormat("en-US", { timeZone, weekday: "short" }).format(at),
  ) + 1;

describe("over random rules, zones and days, most of them near a change of the clock", () => {
  const below = seeded(20261121);
  const pick = <T>(list: readonly T[]): T => list[below(list.length)] as T;
  const cases = Array.from({ length: 150 }, () => {
    const timeZone = pick(ZONES);
    const daysOfWeek = below(3) === 0 ? [1, 2, 3, 4, 5, 6, 7].filter(() => below(2) === 0) : [];
    const time = `${String(below(24)).padStart(2, "0")}:${pick(["00", "07", "30", "45"])}`;
    const rule =
      below(2) === 0
        ? daily(time, timeZone, daysOfWeek)
        : every(pick([5, 7, 15, 30, 60, 120, 360, 480, 720, 1440]), timeZone, daysOfWeek);
    const near = pick([
      "2026-03-07",
      "2026-03-28",
      "2026-04-04",
      "2026-09-26",
      "2026-10-03",
      "2026-10-24",
      "2026-11-01",
    ]);
    const after = new Date(Date.parse(`${near}T00:00:00Z`) + below(72 * 3600) * 1000 + below(1000));
    return { rule, after };
  });

  it("slots come in order, behind the moment asked for, and the same whichever moment before them is asked", () => {
    for (const { rule, after } of cases) {
      const all = nextSlots(rule, after, 40);
      expect(all).toHaveLength(40);
      let last = after;
      for (const slot of all) {
        expect(slot.getTime()).toBeGreaterThan(last.getTime());
        expect(nextSlots(rule, last, 1)[0]).toEqual(slot);
        last = slot;
      }
    }
  });

  it("a time of day runs exactly once on each of its days, an interval is never doubled nor skipped", () => {
    for (const { rule, after } of cases) {
      const all = nextSlots(rule, after, 60);
      const wanted = new Set(rule.daysOfWeek.length > 0 ? rule.daysOfWeek : [1, 2, 3, 4, 5, 6, 7]);
      for (const slot of all) expect(wanted.has(weekday(slot, rule.timeZone))).toBe(true);
      if (rule.intervalMinutes === null) {
        const days = all.map((slot) => localDate(slot, rule.timeZone));
        expect(new Set(days).size).toBe(days.length);
      } else if (wanted.size === 7) {
        const step = rule.intervalMinutes * 60_000;
        for (const [index, slot] of all.slice(1).entries()) {
          const gap = slot.getTime() - (all[index]?.getTime() ?? 0);
          expect(gap).toBeGreaterThanOrEqual(step / 2);
          expect(gap).toBeLessThanOrEqual(step * 1.5);
        }
      }
    }
  });
});
