import "server-only";
import { withTransaction } from "@/lib/db/transaction";
import { writeAudit } from "@/lib/engine/audit";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";
import { applyPolicies, usersOfRule } from "@/lib/engine/policies/apply";
import { lockPolicies } from "@/lib/engine/policies/lock";
import { conflict, notFound } from "@/lib/errors";
import { assertNameIsFree, assertPairingSends } from "./checks";
import { toReplicationRule, withUse } from "./convert";
import { type ReplicationRule, UpdateReplicationRuleInput } from "./schemas";

/**
 * Changes a rule, also one in use: the RPO of its sessions changes at once, and another pairing takes the place of the sessions for
 * the old one, whose replicas stay where they are. Throws `not_found`, `conflict` ("exists", "read-only", "wrong-side", "wrong-state").
 */
export async function updateReplicationRule(
  ctx: EngineContext,
  input: UpdateReplicationRuleInput,
): Promise<ReplicationRule> {
  const { id, ...data } = UpdateReplicationRuleInput.parse(input);
  const applied = await withTransaction(ctx.db, async (tx) => {
    await lockPolicies(tx);
    const before = await tx.replicationRule.findUnique({ where: { id } });
    if (!before) throw notFound("replication rule");
    if (before.isReadOnly && data.isReadOnly !== false)
      throw conflict(`The replication rule "${before.name}" is read-only.`, "read-only");
    if (data.name !== undefined) await assertNameIsFree(tx, data.name, id);
    if (data.pairingId !== undefined && data.pairingId !== before.pairingId)
      await assertPairingSends(tx, data.pairingId);
    const row = await tx.replicationRule.update({ where: { id }, data });
    await writeAudit(tx, ctx, "replication-rule.update", id, { name: row.name, rpoSeconds: row.rpoSeconds });
    await emitEvent(tx, "policy", id);
    const work = await applyPolicies(tx, ctx, await usersOfRule(tx, { replicationRuleId: id }));
    const after = await tx.replicationRule.findUniqueOrThrow({ where: { id }, include: withUse });
    return { rule: toReplicationRule(after), work };
  });
  await applied.work.afterwards();
  return applied.rule;
}
