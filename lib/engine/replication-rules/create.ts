import "server-only";
import { withTransaction } from "@/lib/db/transaction";
import { writeAudit } from "@/lib/engine/audit";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";
import { lockPolicies } from "@/lib/engine/policies/lock";
import { assertNameIsFree, assertPairingSends } from "./checks";
import { toReplicationRule, withUse } from "./convert";
import { CreateReplicationRuleInput, type ReplicationRule } from "./schemas";

/** Makes a rule, which does nothing until a policy holds it. Throws `not_found` for the pairing, `conflict` ("exists", "wrong-side", "wrong-state"). */
export async function createReplicationRule(
  ctx: EngineContext,
  input: CreateReplicationRuleInput,
): Promise<ReplicationRule> {
  const data = CreateReplicationRuleInput.parse(input);
  return withTransaction(ctx.db, async (tx) => {
    await lockPolicies(tx);
    await assertNameIsFree(tx, data.name);
    await assertPairingSends(tx, data.pairingId);
    const row = await tx.replicationRule.create({ data: { ...data, createdAt: ctx.now() }, include: withUse });
    await writeAudit(tx, ctx, "replication-rule.create", row.id, { name: row.name, pairingId: row.pairingId });
    await emitEvent(tx, "policy", row.id);
    return toReplicationRule(row);
  });
}
