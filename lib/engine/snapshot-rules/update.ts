import "server-only";
import { withTransaction } from "@/lib/db/transaction";
import { writeAudit } from "@/lib/engine/audit";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";
import { applyPolicies, usersOfRule } from "@/lib/engine/policies/apply";
import { lockPolicies } from "@/lib/engine/policies/lock";
import { guard } from "@/lib/engine/protection/guard";
import { applyRetention } from "@/lib/engine/retention/apply";
import { keepsLess, keptInWords } from "@/lib/engine/retention/shortens";
import { conflict, notFound } from "@/lib/errors";
import { toSnapshotRule, withPolicies } from "./convert";
import { assertSchedule } from "./create";
import { assertNameIsFree } from "./name";
import { type SnapshotRule, UpdateSnapshotRuleInput } from "./schemas";

/**
 * Changes a rule, also one in use: its agents are captured by the new schedule from now on, and the points that it made stay as
 * long as it says now. To shorten that is protected. Throws `not_found`, `invalid_input`, `conflict` ("exists", "read-only").
 */
export async function updateSnapshotRule(ctx: EngineContext, input: UpdateSnapshotRuleInput): Promise<SnapshotRule> {
  const { id, ...changes } = UpdateSnapshotRuleInput.parse(input);
  const isAgreed = await guardShortening(ctx, { id, ...changes });
  const applied = await withTransaction(ctx.db, async (tx) => {
    await lockPolicies(tx);
    const before = await tx.snapshotRule.findUnique({ where: { id } });
    if (!before) throw notFound("snapshot rule");
    if (before.isReadOnly && changes.isReadOnly !== false)
      throw conflict(`The snapshot rule "${before.name}" is read-only.`, "read-only");
    if (changes.name !== undefined) await assertNameIsFree(tx, changes.name, id);
    const data = withOneSchedule(changes);
    assertSchedule({ ...before, ...data });
    if (!isAgreed && keepsLess({ ...before, ...data }, before))
      throw conflict(`Somebody changed the snapshot rule "${before.name}" just now. Look again.`, "wrong-state");
    const row = await tx.snapshotRule.update({ where: { id }, data, include: withPolicies });
    if (row.retentionHours !== before.retentionHours || row.retentionCount !== before.retentionCount)
      await applyRetention(tx, { snapshotRuleId: id });
    await writeAudit(tx, ctx, "snapshot-rule.update", id, { name: row.name });
    await emitEvent(tx, "policy", id);
    const work = await applyPolicies(tx, ctx, await usersOfRule(tx, { snapshotRuleId: id }));
    return { rule: toSnapshotRule(row), work };
  });
  await applied.work.afterwards();
  return applied.rule;
}

/** Shortening retention is protected; any other change is not. Answers whether it was asked for. */
async function guardShortening(ctx: EngineContext, input: UpdateSnapshotRuleInput): Promise<boolean> {
  const before = await ctx.db.prisma.snapshotRule.findUnique({ where: { id: input.id } });
  if (!before) throw notFound("snapshot rule");
  const { retentionHours = before.retentionHours, retentionCount = before.retentionCount } = input;
  const after = { retentionHours, retentionCount };
  if ((before.isReadOnly && input.isReadOnly !== false) || !keepsLess(after, before)) return false;
  await guard(ctx, {
    action: "snapshot-rule.update",
    subject: { kind: "snapshot-rule", id: before.id },
    title: `Have the snapshot rule "${before.name}" keep ${keptInWords(after)} instead of ${keptInWords(before)}.`,
    input,
    tenantId: null,
  });
  return true;
}

type Changes = Omit<UpdateSnapshotRuleInput, "id">;

/** Who names one way of scheduling means that the other no longer counts. */
function withOneSchedule<T extends Changes>(changes: T): T {
  const { intervalMinutes, timeOfDay } = changes;
  if (typeof intervalMinutes === "number" && timeOfDay === undefined) return { ...changes, timeOfDay: null };
  if (typeof timeOfDay === "string" && intervalMinutes === undefined) return { ...changes, intervalMinutes: null };
  return changes;
}
