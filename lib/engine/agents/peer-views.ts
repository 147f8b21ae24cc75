import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { domainOf, requireReplicatedAgent } from "@/lib/engine/image-sessions/find";
import { remainingBytes } from "@/lib/engine/image-sessions/room";
import { peerOf } from "@/lib/engine/pairing/caller";
import type { AgentInfoSummaries, RemoteAgentRecoveryPointsInfos } from "./peer-schemas";

/** A pairing holds a tenth of them. */
const AGENTS_MAX = 10_000;

/** GetAgents, on the target: the caller's agents here, by name. Those of others, and of this core itself, are not for it. */
export async function getPeerAgents(ctx: EngineContext, _input: object): Promise<AgentInfoSummaries> {
  const { pairingId } = peerOf(ctx);
  const agents = await ctx.db.prisma.agent.findMany({
    where: { pairingId, deletionAskedAt: null },
    select: { id: true, name: true, sessions: { where: { pairingId }, select: { state: true } } },
    orderBy: [{ name: "asc" }, { id: "asc" }],
    take: AGENTS_MAX,
  });
  return {
    agents: agents.map(({ id, name, sessions }) => ({
      agentType: "ReplicatedAgent" as const,
      displayName: name,
      id,
      isCluster: false,
      parentClusterId: null,
      recoveryPointsOnly: sessions.every(({ state }) => state === "ended"),
    })),
  };
}

interface PointsRow {
  id: string;
  name: string;
  points: bigint;
  newest: Date;
  oldest: Date;
  logical: bigint;
  stored: bigint;
}

/** GetReplicatedAgentsRecoveryPointsInfo, on the target: of each of the caller's agents that has points here, what they come to. */
export async function getReplicatedAgentsPoints(
  ctx: EngineContext,
  _input: object,
): Promise<RemoteAgentRecoveryPointsInfos> {
  const { pairingId } = peerOf(ctx);
  const rows = await ctx.db.prisma.$queryRaw<PointsRow[]>`
    select agent.id, agent.name, count(*) as points, max(point.created_at) as newest, min(point.created_at) as oldest,
      sum(point.logical_bytes)::bigint as logical, sum(point.stored_bytes)::bigint as stored
    from agent join recovery_point as point on point.agent_id = agent.id
    where agent.pairing_id = ${pairingId}::uuid and agent.deletion_asked_at is null
    group by agent.id order by agent.name, agent.id limit ${AGENTS_MAX}`;
  return {
    agents: rows.map((row) => ({
      agentId: row.id,
      displayName: row.name,
      newestRpTimestamp: row.newest.toISOString(),
      oldestRpTimestamp: row.oldest.toISOString(),
      recoveryPointCount: Number(row.points),
      size: Number(row.logical),
      storedSize: Number(row.stored),
    })),
  };
}

/**
 * GetRepositoryFreeSpaceForAgent, on the target: bytes that may still be stored for the agent, the smaller of what its quota and
 * what the disk leaves. Throws not_found for an agent that is not the caller's, unavailable when the repository's disk is away.
 */
export async function getFreeSpaceForAgent(ctx: EngineContext, input: { agentId: string }): Promise<number> {
  const agent = await requireReplicatedAgent(ctx, input.agentId);
  return remainingBytes(ctx, await domainOf(ctx, agent.id), agent.id);
}
