import "server-only";
import { withTransaction } from "@/lib/db/transaction";
import { writeAudit } from "@/lib/engine/audit";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";
import { assertNameIsFree, assertRules } from "./checks";
import { getPolicy } from "./get";
import { lockPolicies } from "./lock";
import { CreatePolicyInput, type PolicyDetail } from "./schemas";

/** Makes a policy, which does nothing until it is assigned. Throws `not_found` for a rule, `invalid_input` without any, `conflict` ("exists"). */
export async function createPolicy(ctx: EngineContext, input: CreatePolicyInput): Promise<PolicyDetail> {
  const { snapshotRuleIds, replicationRuleIds, ...data } = CreatePolicyInput.parse(input);
  const id = await withTransaction(ctx.db, async (tx) => {
    await lockPolicies(tx);
    await assertNameIsFree(tx, data.name);
    await assertRules(tx, { snapshotRuleIds, replicationRuleIds });
    const policy = await tx.policy.create({
      data: {
        ...data,
        createdAt: ctx.now(),
        snapshotRules: { create: snapshotRuleIds.map((snapshotRuleId) => ({ snapshotRuleId })) },
        replicationRules: { create: replicationRuleIds.map((replicationRuleId) => ({ replicationRuleId })) },
      },
    });
    await writeAudit(tx, ctx, "policy.create", policy.id, { name: policy.name });
    await emitEvent(tx, "policy", policy.id);
    return policy.id;
  });
  return getPolicy(ctx, { id });
}
