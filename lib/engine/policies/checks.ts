import "server-only";
import type { Tx } from "@/lib/db/client";
import { conflict, invalidInput, notFound } from "@/lib/errors";

/** Throws `conflict` ("exists"). Replicas have the names of another core, and take none of ours. */
export async function assertNameIsFree(tx: Tx, name: string, ownId?: string): Promise<void> {
  const taken = await tx.policy.findFirst({ where: { name, pairingId: null }, select: { id: true } });
  if (taken && taken.id !== ownId)
    throw conflict(`There is a policy named "${name}" already. Choose another name.`, "exists");
}

/** Throws `not_found` for a rule that is none, `invalid_input` when there is no rule at all. */
export async function assertRules(
  tx: Tx,
  { snapshotRuleIds, replicationRuleIds }: { snapshotRuleIds: string[]; replicationRuleIds: string[] },
): Promise<void> {
  if (snapshotRuleIds.length + replicationRuleIds.length === 0)
    throw invalidInput("A policy has at least one rule.", "rules");
  if ((await tx.snapshotRule.count({ where: { id: { in: snapshotRuleIds } } })) !== snapshotRuleIds.length)
    throw notFound("snapshot rule");
  if ((await tx.replicationRule.count({ where: { id: { in: replicationRuleIds } } })) !== replicationRuleIds.length)
    throw notFound("replication rule");
}

/** The policy, to be changed. Throws `not_found`, `conflict` ("replica") for one that another core keeps. */
export async function requireOwnPolicy(tx: Tx, id: string) {
  const policy = await tx.policy.findUnique({
    where: { id },
    include: { pairing: true, snapshotRules: true, replicationRules: true },
  });
  if (!policy) throw notFound("policy");
  if (policy.pairing)
    throw conflict(`The policy "${policy.name}" is one of ${policy.pairing.peerName}. Change it there.`, "replica");
  return policy;
}
