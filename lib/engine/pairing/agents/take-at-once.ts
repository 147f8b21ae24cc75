import "server-only";
import type { Tx } from "@/lib/db/client";
import { writeAudit } from "@/lib/engine/audit";
import type { EngineContext } from "@/lib/engine/context";
import type { SummaryRow } from "../internal";
import { type Choice, takeAgents } from "../take-agents";

/**
 * Target: takes in, of agents that were asked for just now, those for which nobody has to be asked: replicas of this very pairing go
 * on where they are, with the quota that they had; others go into the repository that the pairing's people chose for later ones. What
 * belongs to somebody else waits for a person, who is told why it cannot be taken.
 */
export async function takeAtOnce(
  tx: Tx,
  ctx: EngineContext,
  pairing: SummaryRow,
  agentIds: readonly string[],
): Promise<void> {
  const { id: pairingId, tenantId, acceptRepositoryId } = pairing;
  if (!tenantId || agentIds.length === 0) return;
  const known = await tx.agent.findMany({
    where: { id: { in: [...agentIds] } },
    include: { pairing: true, quotas: { where: { meter: "stored" } } },
  });
  const here = new Map(known.map((agent) => [agent.id, agent]));
  const choices = agentIds.flatMap((agentId): Choice[] => {
    const agent = here.get(agentId);
    if (!agent) return acceptRepositoryId ? [{ agentId, repositoryId: acceptRepositoryId, quotaBytes: null }] : [];
    const isOurs = agent.pairingId === pairingId;
    // Of a pairing that has ended: people here said for this pairing that its agents are welcome.
    const isFree = agent.pairing?.state === "deleted" && acceptRepositoryId === agent.repositoryId;
    if (agent.deletionAskedAt || agent.tenantId !== tenantId || !(isOurs || isFree)) return [];
    const hardBytes = agent.quotas[0]?.hardBytes ?? null;
    const quotaBytes = hardBytes === null ? null : Number(hardBytes);
    return [{ agentId, repositoryId: agent.repositoryId, quotaBytes }];
  });
  if (choices.length === 0) return;
  await takeAgents(tx, ctx, { pairingId, tenantId, choices });
  const agents = choices.map(({ agentId }) => agentId);
  await writeAudit(tx, ctx, "pairing.accept-agents", pairingId, { agents, peer: pairing.peerName });
}
