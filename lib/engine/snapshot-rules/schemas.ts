import { z } from "zod";
import { Id, Instant, PageInput } from "@/lib/engine/schemas";

const DAY_MINUTES = 24 * 60;
/** A century; more is "for ever". */
const HOURS_MAX = 100 * 366 * 24;
/** Points of one agent that one rule may keep; a plan of them stays short. */
const COUNT_MAX = 100_000;
/** More often than this, an hour's points would cost more than the hour's work that they save. */
export const INTERVAL_MINUTES_MIN = 5;

export const RuleName = z.string().trim().min(1, "A name has at least one character.").max(128);
const Description = z.string().trim().max(1000);

const IntervalMinutes = z.number().int().min(INTERVAL_MINUTES_MIN).max(DAY_MINUTES);
const TimeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'A time of day is written as "02:00".');
/** 1 = Monday … 7 = Sunday. */
const DaysOfWeek = z
  .array(z.number().int().min(1).max(7))
  .max(7)
  .refine((days) => new Set(days).size === days.length, "A day of the week is given twice.")
  .transform((days) => days.toSorted((a, b) => a - b));
export const TimeZone = z.string().max(64).refine(isTimeZone, 'A time zone is an IANA name, as "Europe/Berlin".');

const columns = {
  name: RuleName,
  description: Description,
  /** Every so many minutes from midnight of the time zone; null: at `timeOfDay`. Exactly one of both is given. */
  intervalMinutes: IntervalMinutes.nullable(),
  timeOfDay: TimeOfDay.nullable(),
  /** Empty: every day. */
  daysOfWeek: DaysOfWeek,
  timeZone: TimeZone,
  /** How long a point stays that it made; null: until people delete it. */
  retentionHours: z.number().int().min(1).max(HOURS_MAX).nullable(),
  /** At most so many points of one agent; null: no limit. */
  retentionCount: z.number().int().min(1).max(COUNT_MAX).nullable(),
  isReadOnly: z.boolean(),
};

export const CreateSnapshotRuleInput = z.object({
  ...columns,
  description: Description.default(""),
  intervalMinutes: IntervalMinutes.nullable().default(null),
  timeOfDay: TimeOfDay.nullable().default(null),
  daysOfWeek: DaysOfWeek.default([]),
  timeZone: TimeZone.default("UTC"),
  retentionHours: columns.retentionHours.default(null),
  retentionCount: columns.retentionCount.default(null),
  isReadOnly: z.boolean().default(false),
});
export type CreateSnapshotRuleInput = z.input<typeof CreateSnapshotRuleInput>;

/** What is left out stays. An interval takes the place of a time of day, and the other way. */
export const UpdateSnapshotRuleInput = z.object(columns).partial().extend({ id: Id });
export type UpdateSnapshotRuleInput = z.input<typeof UpdateSnapshotRuleInput>;

export const PolicyRef = z.object({ id: Id, name: z.string() });

export const SnapshotRule = z.object({
  id: Id,
  name: z.string(),
  description: z.string(),
  intervalMinutes: z.number().int().nullable(),
  timeOfDay: z.string().nullable(),
  daysOfWeek: z.array(z.number().int()),
  timeZone: z.string(),
  retentionHours: z.number().int().nullable(),
  retentionCount: z.number().int().nullable(),
  isReadOnly: z.boolean(),
  /** For people: "every 15 minutes, keep 30 days". */
  summary: z.string(),
  /** The first of the policies that hold it. */
  policies: z.array(PolicyRef),
  createdAt: Instant,
  updatedAt: Instant,
});
export type SnapshotRule = z.infer<typeof SnapshotRule>;

export const ListSnapshotRulesInput = PageInput.extend({
  cursor: z.string().max(1_000).optional(),
  search: z.string().max(200).optional(),
});
export type ListSnapshotRulesInput = z.infer<typeof ListSnapshotRulesInput>;

function isTimeZone(name: string): boolean {
  try {
    return Boolean(new Intl.DateTimeFormat("en", { timeZone: name }));
  } catch {
    return false;
  }
}
