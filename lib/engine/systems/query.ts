import type { PairingState } from "@/prisma/generated/client";
import { Prisma } from "@/prisma/generated/client";

export interface SystemRow {
  id: string;
  /** 1: it is a source of this core · 2: a target. */
  rank: number;
  state: PairingState;
  peer_core_id: string | null;
  peer_name: string;
  peer_version: string | null;
  peer_protocol: number | null;
  address: string | null;
  last_contact_at: Date | null;
  tenant_id: string | null;
  tenant_name: string | null;
  customer_id: string;
  contact_email: string;
  message: string;
  requested_at: Date;
  decided_at: Date | null;
  agents: bigint;
  sessions: bigint;
  behind: bigint;
  failing: bigint;
  paused: bigint;
  paused_by: "source" | "target" | null;
  oldest_at: Date | null;
  repositories: bigint;
  used_bytes: bigint | null;
  free_bytes: bigint | null;
  said_at: Date | null;
}

/** Sources first; as `rank` of a row of `p`, a pairing. */
export const RANK = Prisma.sql`(case p.side when 'target' then 1 else 2 end)`;

/** What a page says of the pairings that `chosen` selects (rows of pairing, already filtered and limited). */
export const systemQuery = (chosen: Prisma.Sql, now: Date): Prisma.Sql => Prisma.sql`
  with chosen as (${chosen})
  select p.id, ${RANK} as rank, p.state::text as state, p.peer_core_id, p.peer_name, p.peer_version, p.peer_protocol,
    coalesce(p.peer_url, p.peer_address) as address, p.last_contact_at, p.tenant_id, t.name as tenant_name,
    p.customer_id, p.contact_email, p.message, p.requested_at, p.decided_at, s.*, a.agents, r.*
  from chosen p left join tenant t on t.id = p.tenant_id
  cross join lateral (
    select count(*) as sessions,
      count(*) filter (where coalesce(newest_point_at, created_at) < ${now}::timestamptz - make_interval(secs => rpo_seconds)) as behind,
      count(*) filter (where consecutive_failures > 0) as failing,
      count(*) filter (where state in ('paused', 'pausing')) as paused, max(paused_by) as paused_by,
      min(newest_point_at) as oldest_at
    from replication_session where pairing_id = p.id and state <> 'ended'
  ) s
  cross join lateral (
    select case p.side
      when 'target' then (select count(*) from agent where pairing_id = p.id and deletion_asked_at is null)
      else s.sessions end as agents
  ) a
  cross join lateral (
    select count(*) as repositories, sum(bytes_used)::bigint as used_bytes, sum(bytes_free)::bigint as free_bytes,
      max(at) as said_at
    from (
      select distinct on (repository_id) repository_id, bytes_used, bytes_free, at from repository_report
      where pairing_id = p.id and at > (select max(at) from repository_report where pairing_id = p.id) - interval '2 hours'
      order by repository_id, at desc, id desc
    ) said
  ) r
  order by rank, p.peer_name, p.id`;
