import "server-only";
import type { Tx } from "@/lib/db/client";
import { emitEvents } from "@/lib/engine/events/emit";
import { pruneReplicas } from "@/lib/engine/policies/replicas";
import { Id } from "@/lib/engine/schemas";
import type { KeptRequest } from "./items";

type Told = NonNullable<KeptRequest["policies"]>;

/**
 * Target: keeps the policies that protect an agent on its source as replicas, which protect nothing here; those that no agent has any
 * more go. A policy of this core, or a replica from another source, that happens to have the id is left alone, and so is what a
 * source of another make tells, which has no rules.
 */
export async function takePolicies(
  tx: Tx,
  { agentId, pairingId }: { agentId: string; pairingId: string },
  told: Told,
): Promise<void> {
  const policies = told.filter(({ id, snapshotRules }) => snapshotRules !== undefined && Id.safeParse(id).success);
  const kept = await keepReplicas(tx, pairingId, policies);
  const ofAgent = policies.find(({ id, isOfAgent }) => isOfAgent && kept.has(id));
  await tx.agent.update({ where: { id: agentId }, data: { policyId: ofAgent?.id ?? null } });
  await tx.volume.updateMany({ where: { agentId, policyId: { not: null } }, data: { policyId: null } });
  const pairs = policies.flatMap(({ id, volumeIds }) =>
    kept.has(id) ? (volumeIds ?? []).map((volumeId) => ({ id, volumeId })) : [],
  );
  await tx.$executeRaw`
    update volume v set policy_id = told.policy_id
    from unnest(${pairs.map(({ volumeId }) => volumeId)}::uuid[], ${pairs.map(({ id }) => id)}::uuid[]) as told (volume_id, policy_id)
    where v.id = told.volume_id and v.agent_id = ${agentId}::uuid`;
  await pruneReplicas(tx, pairingId);
}

/** The ids of those that are here as replicas from this source now. */
async function keepReplicas(tx: Tx, pairingId: string, policies: Told): Promise<ReadonlySet<string>> {
  const replicas = policies.map(({ snapshotRules = [], replicationRules = [] }) =>
    JSON.stringify({ snapshotRules, replicationRules }),
  );
  const ids = policies.map(({ id }) => id);
  const changed = await tx.$queryRaw<{ id: string }[]>`
    insert into policy (id, name, description, pairing_id, replica, is_read_only)
    select id, name, description, ${pairingId}::uuid, replica::jsonb, true
    from unnest(
      ${ids}::uuid[], ${policies.map(({ name }) => name)}::text[],
      ${policies.map(({ description = "" }) => description)}::text[], ${replicas}::text[]
    ) as told (id, name, description, replica)
    order by id
    on conflict (id) do update set
      name = excluded.name, description = excluded.description, replica = excluded.replica, updated_at = now()
    where policy.pairing_id = excluded.pairing_id
      and (policy.name, policy.description, policy.replica) is distinct from (excluded.name, excluded.description, excluded.replica)
    returning id`;
  await emitEvents(
    tx,
    "policy",
    changed.map(({ id }) => id),
  );
  const here = await tx.policy.findMany({ where: { id: { in: ids }, pairingId }, select: { id: true } });
  return new Set(here.map(({ id }) => id));
}
