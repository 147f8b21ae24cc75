import "server-only";
import { withTransaction } from "@/lib/db/transaction";
import { writeAudit } from "@/lib/engine/audit";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";
import { lockPolicies } from "@/lib/engine/policies/lock";
import { invalidInput } from "@/lib/errors";
import { toSnapshotRule, withPolicies } from "./convert";
import { assertNameIsFree } from "./name";
import { CreateSnapshotRuleInput, type SnapshotRule } from "./schemas";

/** Makes a rule, which does nothing until a policy holds it. Throws `invalid_input`, `conflict` ("exists") for a name that is taken. */
export async function createSnapshotRule(ctx: EngineContext, input: CreateSnapshotRuleInput): Promise<SnapshotRule> {
  const data = CreateSnapshotRuleInput.parse(input);
  assertSchedule(data);
  return withTransaction(ctx.db, async (tx) => {
    await lockPolicies(tx);
    await assertNameIsFree(tx, data.name);
    const row = await tx.snapshotRule.create({ data: { ...data, createdAt: ctx.now() }, include: withPolicies });
    await writeAudit(tx, ctx, "snapshot-rule.create", row.id, { name: row.name });
    await emitEvent(tx, "policy", row.id);
    return toSnapshotRule(row);
  });
}

/** Throws `invalid_input` unless exactly one of both says when. */
export function assertSchedule({
  intervalMinutes,
  timeOfDay,
}: Pick<SnapshotRule, "intervalMinutes" | "timeOfDay">): void {
  if ((intervalMinutes === null) === (timeOfDay === null))
    throw invalidInput("A snapshot rule has either an interval or a time of day.", "schedule");
}
