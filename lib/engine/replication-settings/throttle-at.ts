import type { ThrottleNow, ThrottleSchedule, ThrottleWindow } from "./schemas";

const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const DAY_MINUTES = 24 * 60;

/** What a schedule says at a moment, by the wall clock of its time zone: an hour that daylight saving repeats counts twice. Pure. */
export function throttleAt(schedule: ThrottleSchedule, at: Date): ThrottleNow {
  if (schedule.windows.length === 0) return { kind: "none" };
  const wall = wallClock(at, schedule.timeZone);
  const percentages = schedule.windows.filter((window) => covers(window, wall)).map(({ percentage }) => percentage);
  if (percentages.length === 0) return { kind: "none" };
  const percentage = Math.min(...percentages);
  if (percentage === 0) return { kind: "blocked" };
  if (schedule.bandwidthBytesPerSecond === null) return { kind: "none" };
  const bytesPerSecond = Math.max(1, Math.floor((schedule.bandwidthBytesPerSecond * percentage) / 100));
  return { kind: "cap", bytesPerSecond, percentage };
}

interface WallClock {
  day: number;
  minute: number;
}

function wallClock(at: Date, timeZone: string): WallClock {
  const parts = new Intl.DateTimeFormat("en-US", {
    timeZone,
    weekday: "short",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  }).formatToParts(at);
  const of = (type: string) => parts.find((part) => part.type === type)?.value ?? "";
  return { day: DAYS.indexOf(of("weekday")), minute: Number(of("hour")) * 60 + Number(of("minute")) };
}

function covers({ days, start, end }: ThrottleWindow, { day, minute }: WallClock): boolean {
  const from = minutesOf(start);
  const to = minutesOf(end) > from ? minutesOf(end) : minutesOf(end) + DAY_MINUTES;
  const isOn = (offset: number) => days.includes((day - offset + 7) % 7);
  return (isOn(0) && minute >= from && minute < to) || (isOn(1) && minute + DAY_MINUTES < to);
}

const minutesOf = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5));
