import { DateTime, IANAZone } from "luxon";

// Days and months of a time zone. Pure. A day has 23, 24 or 25 hours, or 30 after its tenant moved; there are zones that skipped one.

/** A stretch of time with a name: "2026-11" or "2026-11-21". */
export interface Span {
  readonly beginsAt: Date;
  readonly endsAt: Date;
}

export interface MonthSpan extends Span {
  readonly month: string;
  readonly timeZone: string;
}

export interface DaySpan extends Span {
  readonly day: string;
}

/** More days than a month has, also with what a change of the time zone adds. */
const DAYS_MAX = 34;

/** The zone, or UTC for a name that this machine's calendar does not know. */
const zoneOf = (timeZone: string): string => (IANAZone.isValidZone(timeZone) ? timeZone : "UTC");

/** The month of an instant in a time zone. */
export const monthAt = (timeZone: string, at: Date): string =>
  DateTime.fromJSDate(at, { zone: zoneOf(timeZone) }).toFormat("yyyy-MM");

/** The month that is so many later, or earlier. */
export const monthAfter = (month: string, months = 1): string =>
  DateTime.fromFormat(month, "yyyy-MM", { zone: "UTC" }).plus({ months }).toFormat("yyyy-MM");

/** A month in a time zone; `beginsAt` when the month before it ended at another moment, which it does when the tenant moved. */
export function monthSpan(timeZone: string, month: string, beginsAt?: Date): MonthSpan {
  const start = (name: string) =>
    DateTime.fromISO(`${name}-01`, { zone: zoneOf(timeZone) })
      .startOf("day")
      .toJSDate();
  return { month, timeZone, beginsAt: beginsAt ?? start(month), endsAt: start(monthAfter(month)) };
}

/** The days of a month: together they are the month, without a gap or an overlap. */
export function daysOf({ timeZone, beginsAt, endsAt, month }: MonthSpan): DaySpan[] {
  const days: DaySpan[] = [];
  let from = beginsAt;
  let at = DateTime.fromISO(`${month}-01`, { zone: zoneOf(timeZone) }).startOf("day");
  for (let count = 0; count < DAYS_MAX && from < endsAt; count++) {
    // A day that the zone skipped is the next one already.
    const next = at.plus({ days: 1 }).startOf("day");
    const to = next.toJSDate() < endsAt ? next.toJSDate() : endsAt;
    if (to > from) days.push({ day: at.toFormat("yyyy-MM-dd"), beginsAt: from, endsAt: to });
    if (to > from) from = to;
    at = next;
  }
  return days;
}

export const secondsOf = ({ beginsAt, endsAt }: Span): number =>
  Math.round((endsAt.getTime() - beginsAt.getTime()) / 1000);
