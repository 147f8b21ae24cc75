import { z } from "zod";
import { Bytes } from "@/lib/engine/schemas";

/** In which order waiting runs of this core are begun: as they were asked for · oldest waiting backup first · newest first. */
export const QueueStrategy = z.enum(["manual", "maximum-retention", "recency"]);
export type QueueStrategy = z.infer<typeof QueueStrategy>;

const TimeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, "Write a time as HH:MM, 00:00 to 23:59.");

/** More would need more memory than a worker has: each run keeps up to 128 MiB in flight. */
const RUNS_MAX = 64;

export const ReplicationSettings = z.object({
  /** Runs of this core at once, whatever the number of its workers; one worker takes at most 4. */
  maxConcurrentRuns: z.number().int().min(1).max(RUNS_MAX).default(4),
  queueStrategy: QueueStrategy.default("manual"),
  /** Kept and shown; this core sends no mail. */
  reportMailTo: z.union([z.email().max(254), z.literal("")]).default(""),
  reportTime: TimeOfDay.default("08:00"),
});
export type ReplicationSettings = z.infer<typeof ReplicationSettings>;

/** What is left out stays as it is. */
export const UpdateReplicationSettingsInput = z.object({
  maxConcurrentRuns: z.number().int().min(1).max(RUNS_MAX).optional(),
  queueStrategy: QueueStrategy.optional(),
  reportMailTo: z.union([z.email().max(254), z.literal("")]).optional(),
  reportTime: TimeOfDay.optional(),
});
export type UpdateReplicationSettingsInput = z.infer<typeof UpdateReplicationSettingsInput>;

const TimeZone = z
  .string()
  .max(64)
  .refine(isTimeZone, { message: "Give a time zone by its name, as Europe/Berlin or UTC." });

function isTimeZone(timeZone: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone });
    return true;
  } catch {
    return false;
  }
}

/** Part of a day on some days of the week. An end that is not behind the start is on the next day; equal means the whole day. */
export const ThrottleWindow = z.object({
  /** Of the bandwidth; 0: nothing is sent, and no run begins. */
  percentage: z.number().int().min(0).max(100),
  /** Days on which it starts: 0 = Sunday … 6 = Saturday. */
  days: z.array(z.number().int().min(0).max(6)).min(1).max(7),
  start: TimeOfDay,
  end: TimeOfDay,
});
export type ThrottleWindow = z.infer<typeof ThrottleWindow>;

/** A week in half hours has 336 of them; more is not a schedule that people made. */
const WINDOWS_MAX = 336;

export const ThrottleSchedule = z.object({
  /** What 100 % is, in bytes per second for all runs together; null: unknown, then only windows of 0 % do something. */
  bandwidthBytesPerSecond: Bytes.positive().nullable().default(null),
  timeZone: TimeZone.default("UTC"),
  /** Outside of all windows there is no cap; where several overlap, the lowest percentage counts. */
  windows: z.array(ThrottleWindow).max(WINDOWS_MAX).default([]),
});
export type ThrottleSchedule = z.infer<typeof ThrottleSchedule>;

export const SetThrottleInput = ThrottleSchedule.refine(
  ({ bandwidthBytesPerSecond, windows }) =>
    bandwidthBytesPerSecond !== null || windows.every(({ percentage }) => percentage === 0 || percentage === 100),
  {
    message: "Say how fast the line is: a percentage of an unknown bandwidth means nothing.",
    path: ["bandwidthBytesPerSecond"],
  },
);

export type SetThrottleInput = z.infer<typeof SetThrottleInput>;

/** What the schedule says at one moment. */
export const ThrottleNow = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("none") }),
  z.object({ kind: z.literal("cap"), bytesPerSecond: Bytes, percentage: z.number().int() }),
  z.object({ kind: z.literal("blocked") }),
]);
export type ThrottleNow = z.infer<typeof ThrottleNow>;

export const ThrottleReport = ThrottleSchedule.extend({ now: ThrottleNow });
export type ThrottleReport = z.infer<typeof ThrottleReport>;
