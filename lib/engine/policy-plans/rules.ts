import type { Tx } from "@/lib/db/client";
import type { EngineContext } from "@/lib/engine/context";
import { newPackId as newId } from "@/lib/engine/packs/pack-id";
import { assertPairingSends } from "@/lib/engine/replication-rules/checks";
import type { PlanWork } from "./schemas";

/** Makes the rules of a plan, in the transaction and under the lock of the policies. Their names carry the policy's and their own id. */
export async function makeRules(
  tx: Tx,
  ctx: EngineContext,
  name: string,
  work: PlanWork,
): Promise<{ snapshotRuleIds: string[]; replicationRuleIds: string[] }> {
  const now = ctx.now();
  const named = () => {
    const id = newId(now.getTime());
    return { id, name: `${name.slice(0, 100)} ${id.slice(-12)}`, createdAt: now };
  };
  if (work.kind === "capture") {
    const { retentionHours, retentionCount } = work;
    const data = work.schedules.map((schedule) => ({ ...named(), ...schedule, retentionHours, retentionCount }));
    await tx.snapshotRule.createMany({ data });
    return { snapshotRuleIds: data.map(({ id }) => id), replicationRuleIds: [] };
  }
  const { pairingId, rpoSeconds } = work;
  await assertPairingSends(tx, pairingId);
  const rule = { ...named(), pairingId, rpoSeconds, alertThresholdMinutes: 0 };
  await tx.replicationRule.create({ data: rule });
  return { snapshotRuleIds: [], replicationRuleIds: [rule.id] };
}

/** Deletes those of these rules that no policy holds any more. */
export async function removeUnheldRules(
  tx: Tx,
  { snapshotRuleIds, replicationRuleIds }: { snapshotRuleIds: string[]; replicationRuleIds: string[] },
): Promise<void> {
  await tx.snapshotRule.deleteMany({
    where: { id: { in: snapshotRuleIds }, isReadOnly: false, policies: { none: {} } },
  });
  await tx.replicationRule.deleteMany({
    where: { id: { in: replicationRuleIds }, isReadOnly: false, policies: { none: {} } },
  });
}
