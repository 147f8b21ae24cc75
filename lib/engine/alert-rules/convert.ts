import "server-only";
import type { AlertRule as AlertRuleRow, Prisma } from "@/prisma/generated/client";
import { AlertRule, type CreateAlertRuleInput } from "./schemas";

/** A row as everyone sees it. A kind that an older version knew and this one does not is left out. */
export function toAlertRule(row: AlertRuleRow): AlertRule {
  const { quietFrom, quietTo, quietDays, createdAt, kinds, ...same } = row;
  const quiet = quietFrom && quietTo ? { from: quietFrom, to: quietTo, days: quietDays } : null;
  const known = kinds.filter((kind) => AlertRule.shape.kinds.safeParse([kind]).success);
  // All of its kinds being unknown must not make it one of every kind.
  const enabled = same.enabled && (kinds.length === 0 || known.length > 0);
  return AlertRule.parse({ ...same, enabled, kinds: known, quiet, createdAt: createdAt.toISOString() });
}

export function toRow(input: CreateAlertRuleInput): Omit<Prisma.AlertRuleUncheckedCreateInput, "id" | "createdAt"> {
  const { quiet, ...same } = input;
  const quietDays = [...new Set(quiet?.days ?? [])].sort();
  return { ...same, quietFrom: quiet?.from ?? null, quietTo: quiet?.to ?? null, quietDays };
}
