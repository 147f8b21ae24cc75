import { DateTime } from "luxon";
import type { QuietHours } from "./schemas";

/** Each part ends on another day, so a week of them is all there can be. */
const PARTS_MAX = 9;

interface Quiet {
  readonly quiet: QuietHours | null;
  readonly timeZone: string;
}

/**
 * When the quiet hours end in which `now` lies; null: it lies in none. Hours that follow on each other are one. Times are of the clock on
 * the wall: on a day on which it is set forward, a time that it leaves out comes as late as it would have; set back, the first of two counts.
 * Pure.
 */
export function quietUntil({ quiet, timeZone }: Quiet, now: Date): Date | null {
  if (!quiet) return null;
  let at = now;
  for (let part = 0; part < PARTS_MAX; part++) {
    const end = endOfPart(quiet, timeZone, at);
    if (!end) break;
    at = end;
  }
  return at > now ? at : null;
}

/** The end of the hours that began today or yesterday and in which `at` lies. */
function endOfPart(quiet: QuietHours, timeZone: string, at: Date): Date | null {
  const today = DateTime.fromJSDate(at, { zone: timeZone }).startOf("day");
  const ends = [today, today.minus({ days: 1 })].flatMap((day) => {
    if (quiet.days.length > 0 && !quiet.days.includes(day.weekday)) return [];
    const begin = wallTime(day, quiet.from);
    const end = wallTime(quiet.to > quiet.from ? day : day.plus({ days: 1 }), quiet.to);
    return begin <= at && at < end ? [end] : [];
  });
  return ends.toSorted((a, b) => b.getTime() - a.getTime())[0] ?? null;
}

function wallTime({ year, month, day, zoneName }: DateTime, time: string): Date {
  const [hour, minute] = time.split(":").map(Number);
  return DateTime.fromObject({ year, month, day, hour, minute }, { zone: zoneName ?? "UTC" }).toJSDate();
}
