import type { z } from "zod";
import type { Plan, PlanWork } from "@/lib/engine/policy-plans/schemas";
import { invalidInput } from "@/lib/errors";
import type { OperationDefinition } from "../schemas/policies";
import { toTime } from "../values";
import { longestGapSeconds, readPattern, type Slot, writeInterval, writePattern } from "./pattern";

type Definition = z.output<typeof OperationDefinition>;
const DAY_HOURS = 24;

/** A policy as this API tells it. Where a replication goes in there, only that core knows: its project is null. */
export function toPolicy(plan: Plan) {
  const first = plan.snapshotRules[0];
  return {
    id: plan.id,
    name: plan.name,
    enabled: true,
    operation_type: plan.kind === "capture" ? "backup" : "replication",
    operation_definition: {
      day_backups: 0,
      week_backups: 0,
      month_backups: 0,
      year_backups: 0,
      max_backups: first?.retentionCount ?? -1,
      retention_duration_days: first?.retentionHours ? Math.ceil(first.retentionHours / DAY_HOURS) : -1,
      timezone: first && first.timeZone !== "UTC" ? first.timeZone : "UTC+00:00",
      ...(plan.replication ? { destination_region: plan.replication.coreName, destination_project_id: null } : {}),
    },
    trigger: {
      id: plan.id,
      name: "default",
      type: "time",
      properties: { pattern: patternsOf(plan), start_time: toTime(plan.createdAt) },
    },
    associated_vaults: plan.repositoryIds.map((vaultId) => ({ vault_id: vaultId, destination_vault_id: null })),
  };
}

/** When captures are made. Of a replication the engine keeps how often, not when. */
function patternsOf({ snapshotRules, replication }: Plan): string[] {
  if (snapshotRules.length === 0) return [writeInterval(Math.round((replication?.rpoSeconds ?? 0) / 60))];
  return snapshotRules.map(({ timeOfDay, daysOfWeek, intervalMinutes }) =>
    timeOfDay === null ? writeInterval(intervalMinutes ?? 60) : writePattern({ timeOfDay, daysOfWeek }),
  );
}

/** What a policy of this API asks for, in the engine's words. `pairingId`: of its destination region. Throws invalid_input for what has no counterpart. */
export function toPlanWork(definition: Definition, patterns: readonly string[], pairingId: string | null): PlanWork {
  const slots: Slot[] = patterns.flatMap(readPattern);
  if (slots.length > 24) throw invalidInput("A policy has at most 24 times a day.");
  if (pairingId !== null) return { kind: "replicate", pairingId, rpoSeconds: longestGapSeconds(slots) };
  const { retention_duration_days: days, max_backups: count } = definition;
  const longTerm = [definition.day_backups, definition.week_backups, definition.month_backups, definition.year_backups];
  // Taken and not followed, it would let backups go that somebody relies on.
  if (longTerm.some((kept) => (kept ?? 0) > 0))
    throw invalidInput(
      "This core keeps backups by age or number: day_backups, week_backups, month_backups and year_backups must be 0.",
    );
  return {
    kind: "capture",
    schedules: slots,
    retentionHours: days && days > 0 ? days * DAY_HOURS : null,
    retentionCount: count && count > 0 ? count : null,
  };
}
