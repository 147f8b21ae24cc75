import "server-only";
import type { Tx } from "@/lib/db/client";
import { withTransaction } from "@/lib/db/transaction";
import { writeAudit } from "@/lib/engine/audit";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";
import { guard } from "@/lib/engine/protection/guard";
import { rulesKeepLess } from "@/lib/engine/retention/shortens";
import { conflict } from "@/lib/errors";
import { applyPolicies, usersOfPolicy } from "./apply";
import { assertNameIsFree, assertRules, requireOwnPolicy } from "./checks";
import { getPolicy } from "./get";
import { lockPolicies } from "./lock";
import { type PolicyDetail, UpdatePolicyInput } from "./schemas";

/**
 * Changes a policy, also one that is assigned: sessions begin and end with its replication rules at once. To keep less is protected. Throws `not_found`,
 * `invalid_input` when no rule would be left, `conflict` ("exists", "replica", "read-only").
 */
export async function updatePolicy(ctx: EngineContext, input: UpdatePolicyInput): Promise<PolicyDetail> {
  const changes = UpdatePolicyInput.parse(input);
  const { id, name, description, isReadOnly } = changes;
  const isAgreed = await guardShortening(ctx, input, changes);
  const work = await withTransaction(ctx.db, async (tx) => {
    await lockPolicies(tx);
    const before = await requireOwnPolicy(tx, id);
    if (before.isReadOnly && isReadOnly !== false)
      throw conflict(`The policy "${before.name}" is read-only.`, "read-only");
    if (name !== undefined) await assertNameIsFree(tx, name, id);
    const rules = {
      snapshotRuleIds: snapshotRulesAfter(before, changes),
      replicationRuleIds: mergeIds(
        before.replicationRules.map((rule) => rule.replicationRuleId),
        changes.replicationRuleIds,
        changes.addReplicationRuleIds,
        changes.removeReplicationRuleIds,
      ),
    };
    await assertRules(tx, rules);
    if (!isAgreed && (await shortens(tx, before, rules.snapshotRuleIds)))
      throw conflict(`Somebody changed the policy "${before.name}" just now. Look again.`, "wrong-state");
    await writeRules(tx, id, rules);
    await tx.policy.update({ where: { id }, data: { name, description, isReadOnly } });
    await writeAudit(tx, ctx, "policy.update", id, { name: name ?? before.name, ...rules });
    await emitEvent(tx, "policy", id);
    return applyPolicies(tx, ctx, await usersOfPolicy(tx, id));
  });
  await work.afterwards();
  return getPolicy(ctx, { id });
}

type Before = Awaited<ReturnType<typeof requireOwnPolicy>>;
type Changes = ReturnType<typeof UpdatePolicyInput.parse>;

const snapshotRulesAfter = (before: Before, changes: Changes): string[] =>
  mergeIds(
    before.snapshotRules.map((rule) => rule.snapshotRuleId),
    changes.snapshotRuleIds,
    changes.addSnapshotRuleIds,
    changes.removeSnapshotRuleIds,
  );

/** Would what this policy captures from now on be kept for a shorter time than so far? */
async function shortens(tx: Tx, before: Before, afterIds: readonly string[]): Promise<boolean> {
  const beforeIds = new Set(before.snapshotRules.map((rule) => rule.snapshotRuleId));
  const rules = await tx.snapshotRule.findMany({ where: { id: { in: [...beforeIds, ...afterIds] } } });
  return rulesKeepLess(
    rules.filter(({ id }) => afterIds.includes(id)),
    rules.filter(({ id }) => beforeIds.has(id)),
  );
}

/** Shortening retention is protected; any other change is not. Answers whether it was asked for. */
async function guardShortening(ctx: EngineContext, input: UpdatePolicyInput, changes: Changes): Promise<boolean> {
  const before = await requireOwnPolicy(ctx.db.prisma, changes.id);
  if (before.isReadOnly && changes.isReadOnly !== false) return false;
  if (!(await shortens(ctx.db.prisma, before, snapshotRulesAfter(before, changes)))) return false;
  await guard(ctx, {
    action: "policy.update",
    subject: { kind: "policy", id: before.id },
    title: `Change the snapshot rules of the policy "${before.name}", so that its points are kept for a shorter time.`,
    input,
    tenantId: null,
  });
  return true;
}

function mergeIds(before: string[], all: string[] | undefined, added: string[] = [], removed: string[] = []): string[] {
  const gone = new Set(removed);
  return [...new Set([...(all ?? before), ...added])].filter((id) => !gone.has(id));
}

async function writeRules(
  tx: Tx,
  policyId: string,
  { snapshotRuleIds, replicationRuleIds }: { snapshotRuleIds: string[]; replicationRuleIds: string[] },
): Promise<void> {
  await tx.policySnapshotRule.deleteMany({ where: { policyId, snapshotRuleId: { notIn: snapshotRuleIds } } });
  await tx.policyReplicationRule.deleteMany({ where: { policyId, replicationRuleId: { notIn: replicationRuleIds } } });
  await tx.policySnapshotRule.createMany({
    data: snapshotRuleIds.map((snapshotRuleId) => ({ policyId, snapshotRuleId })),
    skipDuplicates: true,
  });
  await tx.policyReplicationRule.createMany({
    data: replicationRuleIds.map((replicationRuleId) => ({ policyId, replicationRuleId })),
    skipDuplicates: true,
  });
}
