import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import type { StorageUsageSummary } from "@/lib/engine/replication/peer-schemas";
import { openRepository } from "@/lib/engine/repositories/open";

const AGENTS_MAX = 1000;

/** Source: the storage of those agents that this pairing replicates, and of the repositories that hold them. No others are told. */
export async function measureMasterUsage(ctx: EngineContext, pairingId: string): Promise<StorageUsageSummary> {
  const agents = await ctx.db.prisma.$queryRaw<AgentRow[]>`
    select a.id, a.name, a.host_name, a.repository_id, p.newest, p.oldest, p.points, p.logical_bytes
    from replication_session s join agent a on a.id = s.agent_id
    cross join lateral (
      select max(created_at) as newest, min(created_at) as oldest, count(*)::int as points,
        coalesce((array_agg(logical_bytes order by sequence desc))[1], 0) as logical_bytes
      from recovery_point where agent_id = a.id
    ) p
    where s.pairing_id = ${pairingId}::uuid and s.side = 'source'
    order by a.id limit ${AGENTS_MAX}`;
  const repositoryIds = [...new Set(agents.map((agent) => agent.repository_id))];
  return {
    agents: agents.map((agent) => ({
      id: agent.id,
      displayName: agent.name,
      hostName: agent.host_name,
      newestRpTimestamp: agent.newest?.toISOString() ?? null,
      oldestRpTimestamp: agent.oldest?.toISOString() ?? null,
      recoveryPointCount: agent.points,
      totalBytesProtected: Number(agent.logical_bytes),
    })),
    repositories: await Promise.all(repositoryIds.map((id) => measureRepository(ctx, id))),
  };
}

interface AgentRow {
  id: string;
  name: string;
  host_name: string;
  repository_id: string;
  newest: Date | null;
  oldest: Date | null;
  points: number;
  logical_bytes: bigint;
}

async function measureRepository(ctx: EngineContext, id: string): Promise<StorageUsageSummary["repositories"][number]> {
  const { name, storage } = await openRepository(ctx, id);
  const { freeBytes } = await storage.space();
  const packs = await ctx.db.prisma.pack.aggregate({
    where: { domain: { repositoryId: id } },
    _sum: { sizeBytes: true },
  });
  return { id, name, bytesFree: freeBytes, bytesUsed: Number(packs._sum.sizeBytes ?? 0) };
}
