import "server-only";
import type { Tx } from "@/lib/db/client";
import { withTransaction } from "@/lib/db/transaction";
import { writeAudit } from "@/lib/engine/audit";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";
import { applyPolicies, usersOfPolicy } from "@/lib/engine/policies/apply";
import { assertNameIsFree, requireOwnPolicy } from "@/lib/engine/policies/checks";
import { lockPolicies } from "@/lib/engine/policies/lock";
import { guard } from "@/lib/engine/protection/guard";
import { rulesKeepLess } from "@/lib/engine/retention/shortens";
import { conflict } from "@/lib/errors";
import { makeRules, removeUnheldRules } from "./rules";
import { CreatePlanInput, type PlanWork, UpdatePlanInput } from "./schemas";

/** Makes a policy with rules of its own, all at once. Throws `conflict` ("exists", "wrong-side", "wrong-state"), `not_found` for the pairing. */
export function createPlan(ctx: EngineContext, input: CreatePlanInput): Promise<{ id: string }> {
  const { name, work } = CreatePlanInput.parse(input);
  return withTransaction(ctx.db, async (tx) => {
    await lockPolicies(tx);
    await assertNameIsFree(tx, name);
    const rules = await makeRules(tx, ctx, name, work);
    const { id } = await tx.policy.create({ data: { name, createdAt: ctx.now(), ...linksTo(rules) } });
    await writeAudit(tx, ctx, "policy.create", id, { name });
    await emitEvent(tx, "policy", id);
    return { id };
  });
}

/**
 * Renames a policy, or puts rules of its own in the place of those that it holds; what it protects follows at once. To keep less is protected. Throws `not_found`, `conflict`
 * ("exists", "replica", "read-only"; "in-use" when it would replicate elsewhere while it protects something).
 */
export async function updatePlan(ctx: EngineContext, input: UpdatePlanInput): Promise<void> {
  const { id, name, work } = UpdatePlanInput.parse(input);
  const isAgreed = await guardShortening(ctx, input, work);
  const applied = await withTransaction(ctx.db, async (tx) => {
    await lockPolicies(tx);
    const before = await requireOwnPolicy(tx, id);
    if (before.isReadOnly) throw conflict(`The policy "${before.name}" is read-only.`, "read-only");
    if (name !== undefined) await assertNameIsFree(tx, name, id);
    if (!isAgreed && (await shortens(tx, id, work)))
      throw conflict(`Somebody changed the policy "${before.name}" just now. Look again.`, "wrong-state");
    const users = await usersOfPolicy(tx, id);
    const old = work && (await replaceRules(tx, ctx, { id, name: name ?? before.name, work, inUse: users.length > 0 }));
    await tx.policy.update({ where: { id }, data: { name } });
    await writeAudit(tx, ctx, "policy.update", id, { name: name ?? before.name });
    await emitEvent(tx, "policy", id);
    const follow = await applyPolicies(tx, ctx, users);
    // Only now do sessions follow the new rules: with their rule they would be left without a policy.
    if (old) await removeUnheldRules(tx, old);
    return follow;
  });
  await applied.afterwards();
}

/** Would what this policy captures from now on be kept for a shorter time than so far? */
async function shortens(tx: Tx, policyId: string, work: PlanWork | undefined): Promise<boolean> {
  if (work?.kind !== "capture") return false;
  const held = await tx.policySnapshotRule.findMany({ where: { policyId }, include: { snapshotRule: true } });
  return rulesKeepLess(
    [work],
    held.map(({ snapshotRule }) => snapshotRule),
  );
}

/** Shortening retention is protected; any other change is not. Answers whether it was asked for. */
async function guardShortening(
  ctx: EngineContext,
  input: UpdatePlanInput,
  work: PlanWork | undefined,
): Promise<boolean> {
  const before = await requireOwnPolicy(ctx.db.prisma, input.id);
  if (before.isReadOnly || !(await shortens(ctx.db.prisma, input.id, work))) return false;
  await guard(ctx, {
    action: "policy-plan.update",
    subject: { kind: "policy", id: before.id },
    title: `Change the policy "${before.name}", so that its points are kept for a shorter time.`,
    input,
    tenantId: null,
  });
  return true;
}

/** Puts new rules in the place of those that the policy holds, and answers these. */
async function replaceRules(
  tx: Tx,
  ctx: EngineContext,
  { id, name, work, inUse }: { id: string; name: string; work: PlanWork; inUse: boolean },
): Promise<{ snapshotRuleIds: string[]; replicationRuleIds: string[] }> {
  const before = await tx.policy.findUniqueOrThrow({
    where: { id },
    include: {
      snapshotRules: true,
      replicationRules: { include: { replicationRule: { select: { pairingId: true } } } },
    },
  });
  const elsewhere =
    work.kind === "replicate" &&
    before.replicationRules.some(({ replicationRule }) => replicationRule.pairingId !== work.pairingId);
  if (inUse && elsewhere)
    throw conflict(`The policy "${before.name}" protects agents: where it replicates to cannot change.`, "in-use");
  const rules = await makeRules(tx, ctx, name, work);
  await tx.policySnapshotRule.deleteMany({ where: { policyId: id } });
  await tx.policyReplicationRule.deleteMany({ where: { policyId: id } });
  await tx.policy.update({ where: { id }, data: linksTo(rules) });
  return {
    snapshotRuleIds: before.snapshotRules.map(({ snapshotRuleId }) => snapshotRuleId),
    replicationRuleIds: before.replicationRules.map(({ replicationRuleId }) => replicationRuleId),
  };
}

/** Deletes a policy that protects nothing, and its rules that no other policy holds. Throws `not_found`, `conflict` ("in-use", "replica"). */
export async function deletePlan(ctx: EngineContext, { id }: { id: string }): Promise<void> {
  await withTransaction(ctx.db, async (tx) => {
    await lockPolicies(tx);
    const before = await requireOwnPolicy(tx, id);
    const users = await usersOfPolicy(tx, id);
    if (users.length > 0)
      throw conflict(
        `The policy "${before.name}" protects ${users.length} agents. Take it away from them first.`,
        "in-use",
      );
    await tx.policy.delete({ where: { id } });
    await removeUnheldRules(tx, {
      snapshotRuleIds: before.snapshotRules.map(({ snapshotRuleId }) => snapshotRuleId),
      replicationRuleIds: before.replicationRules.map(({ replicationRuleId }) => replicationRuleId),
    });
    await writeAudit(tx, ctx, "policy.delete", id, { name: before.name });
    await emitEvent(tx, "policy", id);
  });
}

const linksTo = (rules: { snapshotRuleIds: string[]; replicationRuleIds: string[] }) => ({
  snapshotRules: { create: rules.snapshotRuleIds.map((snapshotRuleId) => ({ snapshotRuleId })) },
  replicationRules: { create: rules.replicationRuleIds.map((replicationRuleId) => ({ replicationRuleId })) },
});
