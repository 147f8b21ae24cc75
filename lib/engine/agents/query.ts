import { Prisma } from "@/prisma/generated/client";
import type { AgentSummary } from "./schemas";

export interface AgentRow {
  id: string;
  name: string;
  host_name: string;
  quota_bytes: bigint | null;
  created_at: Date;
  deletion_asked_at: Date | null;
  pairing_id: string | null;
  peer_name: string | null;
  repository_id: string;
  repository_name: string;
  points: bigint;
  newest_at: Date | null;
  newest_bytes: bigint | null;
  stored_bytes: bigint;
}

/** What a page says of agents, for the rows of `agents`: select from agent, already filtered and limited. */
export function agentQuery(agents: Prisma.Sql): Prisma.Sql {
  return Prisma.sql`
    with chosen as (${agents})
    select a.id, a.name, a.host_name, a.quota_bytes, a.created_at, a.deletion_asked_at, a.pairing_id, p.peer_name, a.repository_id,
      r.name as repository_name, s.points, s.stored_bytes, n.created_at as newest_at, n.logical_bytes as newest_bytes
    from chosen a
    join repository r on r.id = a.repository_id
    left join pairing p on p.id = a.pairing_id
    cross join lateral (
      select count(*) as points, coalesce(sum(stored_bytes), 0)::bigint as stored_bytes from recovery_point where agent_id = a.id
    ) s
    left join lateral (
      select created_at, logical_bytes from recovery_point where agent_id = a.id order by sequence desc limit 1
    ) n on true
    order by a.name, a.id`;
}

/** `logicalBytes` is what the newest recovery point protects, not the sum over its history. */
export function toAgentSummary(row: AgentRow): AgentSummary {
  return {
    id: row.id,
    name: row.name,
    hostName: row.host_name,
    source: row.pairing_id ? { pairingId: row.pairing_id, coreName: row.peer_name ?? "" } : null,
    repository: { id: row.repository_id, name: row.repository_name },
    recoveryPoints: Number(row.points),
    newestPointAt: row.newest_at?.toISOString() ?? null,
    logicalBytes: Number(row.newest_bytes ?? 0n),
    storedBytes: Number(row.stored_bytes),
    quotaBytes: row.quota_bytes === null ? null : Number(row.quota_bytes),
    createdAt: row.created_at.toISOString(),
    deletionAskedAt: row.deletion_asked_at?.toISOString() ?? null,
  };
}
