import type { SnapshotRule } from "./schemas";

type Schedule = Pick<SnapshotRule, "intervalMinutes" | "timeOfDay" | "daysOfWeek" | "timeZone">;
type Retention = Pick<SnapshotRule, "retentionHours" | "retentionCount">;

const DAYS = ["Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays"];

/** A rule as people say it: "at 02:00 Europe/Berlin on weekdays, keep 30 days". */
export const wordsOfRule = (rule: Schedule & Retention): string =>
  `${wordsOfSchedule(rule)}, ${wordsOfRetention(rule)}`;

export function wordsOfSchedule({ intervalMinutes, timeOfDay, daysOfWeek, timeZone }: Schedule): string {
  const days = wordsOfDays(daysOfWeek);
  const when = intervalMinutes === null ? `at ${timeOfDay} ${timeZone}` : `every ${wordsOfMinutes(intervalMinutes)}`;
  // Which days are meant depends on the zone; a plain interval does not.
  return days === "" ? when : `${when} on ${days}${intervalMinutes === null ? "" : ` (${timeZone})`}`;
}

export function wordsOfRetention({ retentionHours, retentionCount }: Retention): string {
  if (retentionHours === null && retentionCount === null) return "keep until somebody deletes them";
  const kept = retentionHours === null ? [] : [wordsOfHours(retentionHours)];
  if (retentionCount !== null)
    kept.push(retentionHours === null ? `the last ${retentionCount}` : `at most ${retentionCount}`);
  return `keep ${kept.join(", ")}`;
}

function wordsOfDays(days: readonly number[]): string {
  const set = new Set(days);
  if (set.size === 0 || set.size === 7) return "";
  const key = [...set].sort().join("");
  if (key === "12345") return "weekdays";
  if (key === "67") return "weekends";
  const names = [...set].sort((a, b) => a - b).map((day) => DAYS[day - 1] ?? "");
  return names.length === 1 ? (names[0] ?? "") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}

/** "15 minutes", "hour", "2 hours", "day": behind "every". */
export function wordsOfMinutes(minutes: number): string {
  if (minutes % 1440 === 0) return counted(minutes / 1440, "day");
  return minutes % 60 === 0 ? counted(minutes / 60, "hour") : counted(minutes, "minute");
}

function wordsOfHours(hours: number): string {
  if (hours === 1) return "1 hour";
  if (hours % 24 !== 0) return `${hours} hours`;
  return hours === 24 ? "1 day" : `${hours / 24} days`;
}

const counted = (count: number, unit: string): string => (count === 1 ? unit : `${count} ${unit}s`);
