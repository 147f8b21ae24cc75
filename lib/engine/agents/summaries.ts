import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import type { Prisma } from "@/prisma/generated/client";
import { type AgentSummaryRow, toAgentSummary } from "./convert";
import type { AgentSummary } from "./schemas";

/**
 * Agents by name with what their recovery points come to, counted for the rows of the answer only. `logical_bytes` are those
 * of the newest point: how large the machine is; `stored_bytes` those of all: what it costs.
 */
export async function agentSummaries(ctx: EngineContext, where: Prisma.Sql, limit: number): Promise<AgentSummary[]> {
  const rows = await ctx.db.prisma.$queryRaw<AgentSummaryRow[]>`
    select agent.id, agent.name, agent.host_name, agent.kind, agent.parent_id, parent.name as parent_name, agent.pairing_id, pairing.peer_name as core_name,
      agent.repository_id, repository.name as repository_name, quota.hard_bytes as quota_bytes, agent.created_at, agent.deletion_asked_at,
      totals.points, totals.stored_bytes::bigint as stored_bytes,
      newest.created_at as newest_at, coalesce(newest.logical_bytes, 0) as logical_bytes
    from (select * from agent where ${where} order by name, id limit ${limit}) as agent
    join repository on repository.id = agent.repository_id
    left join pairing on pairing.id = agent.pairing_id
    left join quota on quota.subject_id = agent.id and quota.meter = 'stored'
    left join agent as parent on parent.id = agent.parent_id
    cross join lateral (
      select count(*) as points, coalesce(sum(stored_bytes), 0) as stored_bytes
      from recovery_point where agent_id = agent.id
    ) as totals
    left join lateral (
      select created_at, logical_bytes from recovery_point where agent_id = agent.id order by sequence desc limit 1
    ) as newest on true
    order by agent.name, agent.id`;
  return rows.map(toAgentSummary);
}
