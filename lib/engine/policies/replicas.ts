import "server-only";
import type { Tx } from "@/lib/db/client";
import { emitEvents } from "@/lib/engine/events/emit";

/** Takes replicas of a source's policies away from its agents (all of them when none are named), and those that nothing uses any more. */
export async function dropReplicas(
  tx: Tx,
  { pairingId, agentIds }: { pairingId: string; agentIds?: readonly string[] },
): Promise<void> {
  const ofReplica = { policy: { pairingId } };
  const agents = agentIds ? { id: { in: [...agentIds] } } : {};
  await tx.agent.updateMany({ where: { ...agents, ...ofReplica }, data: { policyId: null } });
  await tx.volume.updateMany({ where: { agent: agents, ...ofReplica }, data: { policyId: null } });
  if (agentIds) await tx.agent.updateMany({ where: { ...agents, pairingId }, data: { policies: [] } });
  await pruneReplicas(tx, pairingId);
}

/** A replica is here because an agent or volume uses it; of those that none does, none is left. */
export async function pruneReplicas(tx: Tx, pairingId: string): Promise<void> {
  const gone = await tx.$queryRaw<{ id: string }[]>`
    delete from policy p where p.pairing_id = ${pairingId}::uuid
      and not exists (select 1 from agent where policy_id = p.id)
      and not exists (select 1 from volume where policy_id = p.id)
    returning p.id`;
  await emitEvents(
    tx,
    "policy",
    gone.map(({ id }) => id),
  );
}
