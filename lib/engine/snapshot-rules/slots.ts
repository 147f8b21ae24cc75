import { Cron } from "croner";
import type { SnapshotRule } from "./schemas";

export type Schedule = Pick<SnapshotRule, "intervalMinutes" | "timeOfDay" | "daysOfWeek" | "timeZone">;

const MINUTE_MS = 60_000;
/** What callers ask for is one or a page of them. */
export const SLOTS_MAX = 1_000;
/** A rule has at least one slot a week, so a slot lies behind so many midnights of its own; more means a broken calendar. */
const MIDNIGHTS_MAX = 400;

/**
 * The next moments, strictly after `after` and in order, at which the rule makes recovery points. Pure.
 *
 * At a time of day: once on each of its days. Where the clock is put forward over that time it is the first moment after the gap;
 * where the clock is put back, the first of the two. By an interval: counted in real time from each midnight of its zone, so that an hour
 * that comes twice is not doubled and one that is left out is not missed; the last slot of a day is left out when the next midnight
 * is nearer than half the interval. So two slots are never further apart than one and a half intervals.
 */
export function nextSlots(rule: Schedule, after: Date, count = 1): Date[] {
  const wanted = Math.min(count, SLOTS_MAX);
  return rule.intervalMinutes === null ? atTimeOfDay(rule, after, wanted) : byInterval(rule, after, wanted);
}

/** The first of them. */
export function nextSlot(rule: Schedule, after: Date): Date | null {
  return nextSlots(rule, after)[0] ?? null;
}

function atTimeOfDay({ timeOfDay, daysOfWeek, timeZone }: Schedule, after: Date, count: number): Date[] {
  const [hour = "0", minute = "0"] = (timeOfDay ?? "00:00").split(":");
  const cron = new Cron(`0 ${Number(minute)} ${Number(hour)} * * ${daysOf(daysOfWeek)}`, { timezone: timeZone });
  return runsOf(cron, after, count);
}

function byInterval({ intervalMinutes, daysOfWeek, timeZone }: Schedule, after: Date, count: number): Date[] {
  const intervalMs = (intervalMinutes ?? 0) * MINUTE_MS;
  const midnights = new Cron("0 0 0 * * *", { timezone: timeZone });
  const isWanted = new Set(daysOfWeek);
  const slots: Date[] = [];
  // The day that `after` lies in began at most 25 hours before it, or 49 where a whole day was left out.
  let midnight = lastMidnight(midnights, after);
  for (let day = 0; day < MIDNIGHTS_MAX + count && slots.length < count; day++) {
    const next = midnights.nextRun(midnight);
    if (!next) break;
    if (isWanted.size === 0 || isWanted.has(weekdayOf(midnight, timeZone)))
      for (const slot of slotsOfDay(midnight, next, intervalMs))
        if (slot > after && slots.length < count) slots.push(slot);
    midnight = next;
  }
  return slots;
}

function* slotsOfDay(midnight: Date, next: Date, intervalMs: number): Generator<Date> {
  const end = next.getTime();
  for (let at = midnight.getTime(); at < end; at += intervalMs) {
    // The first slot is the midnight itself, however short the day.
    if (at > midnight.getTime() && end - at < intervalMs / 2) return;
    yield new Date(at);
  }
}

function lastMidnight(midnights: Cron, after: Date): Date {
  const [first, ...rest] = runsOf(midnights, new Date(after.getTime() - 50 * 60 * MINUTE_MS), 4);
  let last = first ?? after;
  for (const midnight of rest) if (midnight <= after) last = midnight;
  return last;
}

/** The library reads whole seconds: a moment between two is behind the first, and what it then names must be behind ours. */
function runsOf(cron: Cron, after: Date, count: number): Date[] {
  return cron
    .nextRuns(count + 1, after)
    .filter((run) => run > after)
    .slice(0, count);
}

const daysOf = (days: readonly number[]): string => (days.length === 0 ? "*" : days.join(","));

const NUMBERS: Readonly<Record<string, number>> = { Mon: 1, Tue: 2, Wed: 3, Thu: 4, Fri: 5, Sat: 6, Sun: 7 };

function weekdayOf(at: Date, timeZone: string): number {
  return NUMBERS[new Intl.DateTimeFormat("en-US", { timeZone, weekday: "short" }).format(at)] ?? 0;
}
