import { invalidInput } from "@/lib/errors";

/** A time of day, by UTC, on some days; no days: on each. */
export interface Slot {
  readonly timeOfDay: string;
  /** 1 = Monday … 7 = Sunday. */
  readonly daysOfWeek: number[];
}

const DAYS: readonly string[] = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];
const WEEK_MINUTES = 7 * 24 * 60;

/**
 * The times that a rule of RFC 2445 names, in the part of it that this API takes: FREQ (DAILY or WEEKLY), INTERVAL (1), BYDAY, BYHOUR, BYMINUTE.
 * Throws invalid_input.
 */
export function readPattern(pattern: string): Slot[] {
  const parts = new Map(
    pattern.split(";").flatMap((part) => {
      const [name = "", value = ""] = part.split("=");
      return name.trim() === "" ? [] : [[name.trim().toUpperCase(), value.trim().toUpperCase()] as const];
    }),
  );
  const unknown = [...parts.keys()].find((name) => !["FREQ", "INTERVAL", "BYDAY", "BYHOUR", "BYMINUTE"].includes(name));
  if (unknown) throw invalidInput(`The pattern "${pattern}" holds ${unknown}, which policies of this API do not take.`);
  const frequency = parts.get("FREQ");
  if (frequency !== "DAILY" && frequency !== "WEEKLY")
    throw invalidInput(`The pattern "${pattern}" must be FREQ=DAILY or FREQ=WEEKLY.`);
  if (![undefined, "1"].includes(parts.get("INTERVAL")))
    throw invalidInput("An INTERVAL of more than one day is nothing that a policy of this core can follow.");
  const hours = numbers(parts.get("BYHOUR"), 23, pattern);
  const minutes = numbers(parts.get("BYMINUTE"), 59, pattern);
  const daysOfWeek = daysOf(parts.get("BYDAY"), pattern);
  return hours.flatMap((hour) => minutes.map((minute) => ({ timeOfDay: `${two(hour)}:${two(minute)}`, daysOfWeek })));
}

/** The rule for a time of day. */
export function writePattern({ timeOfDay, daysOfWeek }: Slot): string {
  const [hour = "00", minute = "00"] = timeOfDay.split(":");
  const at = `BYHOUR=${Number(hour)};BYMINUTE=${minute}`;
  if (daysOfWeek.length === 0) return `FREQ=DAILY;INTERVAL=1;${at}`;
  return `FREQ=WEEKLY;BYDAY=${daysOfWeek.map((day) => DAYS[day - 1] ?? "").join(",")};${at}`;
}

/** The rule for every so many minutes from midnight on: this API names hours, so that less than an hour is told as hourly. */
export function writeInterval(minutes: number): string {
  if (minutes >= WEEK_MINUTES) return "FREQ=WEEKLY;BYDAY=MO;BYHOUR=0;BYMINUTE=00";
  const step = Math.max(1, Math.floor(minutes / 60));
  const hours = Array.from({ length: Math.max(1, Math.ceil(24 / step)) }, (_, n) => n * step).filter(
    (hour) => hour < 24,
  );
  return `FREQ=DAILY;INTERVAL=1;BYHOUR=${hours.join(",")};BYMINUTE=00`;
}

/** The longest time between two of these times, in seconds. */
export function longestGapSeconds(slots: readonly Slot[]): number {
  const minutes = slots.flatMap(({ timeOfDay, daysOfWeek }) => {
    const [hour = "0", minute = "0"] = timeOfDay.split(":");
    const days = daysOfWeek.length > 0 ? daysOfWeek : [1, 2, 3, 4, 5, 6, 7];
    return days.map((day) => ((day - 1) * 24 + Number(hour)) * 60 + Number(minute));
  });
  const sorted = [...new Set(minutes)].sort((a, b) => a - b);
  const first = sorted[0] ?? 0;
  const gaps = sorted.map((minute, index) => (sorted[index + 1] ?? first + WEEK_MINUTES) - minute);
  return Math.max(...gaps) * 60;
}

function numbers(text: string | undefined, max: number, pattern: string): number[] {
  const read = (text ?? "0").split(",").map((part) => (/^\d{1,2}$/.test(part) ? Number(part) : Number.NaN));
  if (read.some((number) => !(number <= max)))
    throw invalidInput(`The pattern "${pattern}" names a time that there is not.`);
  return [...new Set(read)].sort((a, b) => a - b);
}

function daysOf(text: string | undefined, pattern: string): number[] {
  if (text === undefined) return [];
  const days = text.split(",").map((day) => DAYS.indexOf(day) + 1);
  if (days.includes(0)) throw invalidInput(`The pattern "${pattern}" names a day that there is not.`);
  const unique = [...new Set(days)].sort((a, b) => a - b);
  return unique.length === 7 ? [] : unique;
}

const two = (number: number): string => String(number).padStart(2, "0");
