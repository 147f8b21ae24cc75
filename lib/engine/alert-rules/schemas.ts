import { z } from "zod";
import { AlertKind, AlertSeverity } from "@/lib/engine/alerts/schemas";
import { Id, Instant } from "@/lib/engine/schemas";

const WallTime = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, "Give a time like 22:00.");

/** A name of the IANA database, as this machine knows it. */
const TimeZone = z.string().refine(isTimeZone, { message: "There is no such time zone." });

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** Hours in which nothing is told that can wait. */
export const QuietHours = z.object({
  from: WallTime,
  /** Not later than `from`: on the next day. The same: a whole day. */
  to: WallTime,
  /** 1 = Monday … 7 = Sunday, of the day on which they begin; none: every day. */
  days: z.array(z.number().int().min(1).max(7)).max(7).default([]),
});
export type QuietHours = z.output<typeof QuietHours>;

const RuleShape = {
  name: z.string().trim().min(1, "Give the rule a name.").max(100),
  channelId: Id,
  /** Alerts of this severity and worse. */
  minSeverity: AlertSeverity.default("warning"),
  /** None: every kind. */
  kinds: z.array(AlertKind).max(50).default([]),
  /** Alerts of these tenants alone; none: all of them, and those of no tenant. */
  tenantIds: z.array(Id).max(200).default([]),
  /** Tell also when an alert is over. */
  tellCleared: z.boolean().default(true),
  quiet: QuietHours.nullable().default(null),
  timeZone: TimeZone.default("UTC"),
  /** Critical alerts do not wait for the end of quiet hours. */
  criticalAnyway: z.boolean().default(true),
  enabled: z.boolean().default(true),
};

export const AlertRule = z.object({ id: Id, ...RuleShape, createdAt: Instant });
export type AlertRule = z.output<typeof AlertRule>;

export const AlertRuleList = z.object({ items: z.array(AlertRule) });

/** Quiet hours that never end would say nothing, ever. */
const endsSometime = ({ quiet }: { quiet: QuietHours | null }) =>
  quiet === null || quiet.from !== quiet.to || (quiet.days.length > 0 && new Set(quiet.days).size < 7);
const NEVER_ENDS = {
  path: ["quiet", "to"],
  message: "These quiet hours would never end. Choose an end, or switch the rule off.",
};

export const CreateAlertRuleInput = z.object(RuleShape).refine(endsSometime, NEVER_ENDS);
export type CreateAlertRuleInput = z.output<typeof CreateAlertRuleInput>;

/** The whole rule as it is to be. */
export const UpdateAlertRuleInput = z.object({ id: Id, ...RuleShape }).refine(endsSometime, NEVER_ENDS);
export type UpdateAlertRuleInput = z.output<typeof UpdateAlertRuleInput>;
