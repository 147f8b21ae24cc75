import type { Tone } from "@/components/ui/badge";
import type { QueueStatus } from "@/lib/engine/replication-queue/schemas";
import type { QueueStrategy, ThrottleNow, ThrottleWindow } from "@/lib/engine/replication-settings/schemas";
import { formatRate } from "@/lib/format";

export const STRATEGY_LABELS: Readonly<Record<QueueStrategy, string>> = {
  manual: "As they were asked for",
  "maximum-retention": "Oldest backup first",
  recency: "Newest backup first",
};

export const STATUS_WORDS: Readonly<Record<QueueStatus, { label: string; tone: Tone }>> = {
  needed: { label: "waits", tone: "neutral" },
  "in-progress": { label: "in progress", tone: "petrol" },
  done: { label: "done", tone: "ok" },
  failed: { label: "failed, tried again", tone: "danger" },
  aborted: { label: "cancelled", tone: "warn" },
};

/** From 0 = Sunday, shown from Monday on. */
export const DAY_NAMES = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"] as const;
export const DAY_ORDER = [1, 2, 3, 4, 5, 6, 0] as const;

/** "Mon–Fri 08:00–18:00: 25 %" */
export function windowInWords({ days, start, end, percentage }: ThrottleWindow): string {
  const time = start === end ? "all day" : `${start}–${end}`;
  return `${daysInWords(days)} ${time}: ${percentage === 0 ? "nothing is sent" : `${percentage} %`}`;
}

function daysInWords(days: readonly number[]): string {
  const sorted = DAY_ORDER.filter((day) => days.includes(day));
  if (sorted.length === 7) return "Every day";
  const places = sorted.map((day) => DAY_ORDER.indexOf(day));
  const [first = 0, last = 0] = [places[0], places.at(-1)];
  const short = (day: number) => DAY_NAMES[day]?.slice(0, 3) ?? "";
  if (sorted.length > 2 && last - first === sorted.length - 1)
    return `${short(sorted[0] ?? 0)}–${short(sorted.at(-1) ?? 0)}`;
  return sorted.map(short).join(", ");
}

export function throttleInWords(now: ThrottleNow): { label: string; tone: Tone } {
  switch (now.kind) {
    case "none":
      return { label: "no cap just now", tone: "ok" };
    case "cap":
      return { label: `at most ${formatRate(now.bytesPerSecond)} just now`, tone: "copper" };
    case "blocked":
      return { label: "nothing is sent just now", tone: "warn" };
    default:
      return now satisfies never;
  }
}
