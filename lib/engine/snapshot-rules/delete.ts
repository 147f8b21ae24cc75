import "server-only";
import { withTransaction } from "@/lib/db/transaction";
import { writeAudit } from "@/lib/engine/audit";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";
import { lockPolicies } from "@/lib/engine/policies/lock";
import { conflict, notFound } from "@/lib/errors";
import { withPolicies } from "./convert";

/** Deletes a rule that no policy holds; the points that it made stay as long as it said. Throws `not_found`, `conflict` ("in-use"). */
export async function deleteSnapshotRule(ctx: EngineContext, { id }: { id: string }): Promise<Record<string, never>> {
  await withTransaction(ctx.db, async (tx) => {
    await lockPolicies(tx);
    const rule = await tx.snapshotRule.findUnique({ where: { id }, include: withPolicies });
    if (!rule) throw notFound("snapshot rule");
    const [holder] = rule.policies;
    if (holder)
      throw conflict(
        `The policy "${holder.policy.name}" holds the snapshot rule "${rule.name}". Take it out of there first.`,
        "in-use",
      );
    await tx.snapshotRule.delete({ where: { id } });
    await writeAudit(tx, ctx, "snapshot-rule.delete", id, { name: rule.name });
    await emitEvent(tx, "policy", id);
  });
  return {};
}
