import "server-only";
import { withTransaction } from "@/lib/db/transaction";
import { writeAudit } from "@/lib/engine/audit";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvents } from "@/lib/engine/events/emit";
import { dropReplicas } from "@/lib/engine/policies/replicas";
import { peerOf } from "../caller";
import { lockEstablished } from "./ask";
import type { EndReplicationsInput, EndReplicationsOutput } from "./peer-schemas";

/**
 * Target: the source replicates these agents no more. Their sessions go; agents, recovery points and what was told of them stay. Answers
 * those that have no session now, so that a repetition answers the same. One that this core leads, or that a failover test works on, is
 * left as it is and not among them.
 */
export async function endReplicationsByPeer(
  ctx: EngineContext,
  { agentIds }: EndReplicationsInput,
): Promise<EndReplicationsOutput> {
  const { pairingId } = peerOf(ctx);
  const asked = [...new Set(agentIds)];
  return withTransaction(ctx.db, async (tx) => {
    const pairing = await lockEstablished(tx, pairingId);
    const ended = await tx.$queryRaw<{ id: string; agent_id: string }[]>`
      delete from replication_session where pairing_id = ${pairingId}::uuid and agent_id = any(${asked}::uuid[])
        and side = 'target' and role = 'destination' and test_agent_id is null
      returning id, agent_id`;
    const kept = await tx.replicationSession.findMany({
      where: { pairingId, agentId: { in: asked } },
      select: { agentId: true },
    });
    const gone = ended.map((row) => row.agent_id);
    await dropReplicas(tx, { pairingId, agentIds: gone });
    if (gone.length > 0)
      await writeAudit(tx, ctx, "pairing.end-replications", pairingId, { agents: gone, peer: pairing.peerName });
    await emitEvents(
      tx,
      "session",
      ended.map(({ id }) => id),
    );
    await emitEvents(tx, "agent", gone);
    const keptIds = new Set(kept.map(({ agentId }) => agentId));
    return { agentIds: asked.filter((id) => !keptIds.has(id)) };
  });
}
