import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { notFound } from "@/lib/errors";
import { Prisma } from "@/prisma/generated/client";
import { ONLINE_SECONDS } from "./contact";
import { SUMMARY, toSummary } from "./internal";
import { ListPeersInput, PairingState, type PairingSummary, type PeerStanding } from "./schemas";

/** One request or peer by its number on this core. Throws not_found. */
export async function pairingOfNumber(ctx: EngineContext, number: number): Promise<PairingSummary> {
  const row = await ctx.db.prisma.pairing.findUnique({ where: { number }, include: SUMMARY });
  if (!row) throw notFound("request");
  return toSummary(row);
}

interface Row {
  id: string;
  number: number;
  side: PeerStanding["side"];
  state: PeerStanding["state"];
  name: string;
  host: string;
  version: string | null;
  core_id: string | null;
  message: string;
  verification_code: string;
  tenant_id: string | null;
  tenant_name: string | null;
  requested_at: Date;
  updated_at: Date;
  last_contact_at: Date | null;
  sessions: number;
  paused_here: number;
  paused_there: number;
  running: number;
  storage_name: string | null;
  bytes_free: bigint | null;
  bytes_total: bigint | null;
}

/** Other cores and their requests by number, each with how its replication stands as a whole. One query for a page. */
export async function listPeers(
  ctx: EngineContext,
  input: ListPeersInput,
): Promise<{ items: PeerStanding[]; total: number }> {
  const { id = null, side = null, states, number = null, limit, offset } = ListPeersInput.parse(input);
  const chosen = Prisma.sql`p.state::text = any(${states}::text[]) and (${side}::text is null or p.side::text = ${side})
    and (${number}::int is null or p.number = ${number}) and (${id}::uuid is null or p.id = ${id}::uuid)`;
  const [rows, [counted]] = await Promise.all([
    ctx.db.prisma.$queryRaw<Row[]>`
      with page as (select * from pairing p where ${chosen} order by p.number limit ${limit} offset ${offset})
      ${STANDING}`,
    ctx.db.prisma.$queryRaw<{ total: number }[]>`select count(*)::int as total from pairing p where ${chosen}`,
  ]);
  return { items: rows.map((row) => toStanding(row, ctx.now())), total: counted?.total ?? 0 };
}

/** How replication with one other core stands as a whole. Throws not_found. */
export async function getPeerStanding(ctx: EngineContext, { id }: { id: string }): Promise<PeerStanding> {
  const { items } = await listPeers(ctx, { id, states: [...PairingState.options] });
  const [found] = items;
  if (!found) throw notFound("pairing");
  return found;
}

/** The newest report of each of its repositories, added up. */
const STANDING = Prisma.sql`
  select p.id, p.number, p.side, p.state, p.peer_name as name, p.peer_version as version, p.peer_core_id as core_id, p.message,
    coalesce(substring(p.peer_url from '^[a-z]+://(\\[[^]]*\\]|[^/:]*)'), p.peer_address, '') as host,
    p.verification_code, p.tenant_id, t.name as tenant_name, p.requested_at, p.updated_at, p.last_contact_at,
    s.sessions, s.paused_here, s.paused_there, s.running, r.storage_name, r.bytes_free, r.bytes_total
  from page p left join tenant t on t.id = p.tenant_id
  cross join lateral (
    select count(*)::int as sessions,
      count(*) filter (where state in ('paused', 'pausing') and paused_by = side::text)::int as paused_here,
      count(*) filter (where state in ('paused', 'pausing') and paused_by <> side::text)::int as paused_there,
      count(*) filter (where state = 'synchronizing')::int as running
    from replication_session where pairing_id = p.id and state <> 'ended'
  ) s
  cross join lateral (
    select min(name) as storage_name, sum(bytes_free)::bigint as bytes_free, sum(bytes_free + bytes_used)::bigint as bytes_total
    from (
      select distinct on (repository_id) name, bytes_free, bytes_used from repository_report
      where pairing_id = p.id order by repository_id, at desc
    ) newest
  ) r
  order by p.number`;

function toStanding(row: Row, now: Date): PeerStanding {
  return {
    id: row.id,
    number: row.number,
    side: row.side,
    state: row.state,
    name: row.name,
    host: row.host,
    version: row.version,
    coreId: row.core_id,
    message: row.message,
    verificationCode: row.verification_code,
    tenant: row.tenant_id === null ? null : { id: row.tenant_id, name: row.tenant_name ?? "" },
    requestedAt: row.requested_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
    lastContactAt: row.last_contact_at?.toISOString() ?? null,
    isOnline: row.last_contact_at !== null && now.getTime() - row.last_contact_at.getTime() <= ONLINE_SECONDS * 1000,
    sessions: row.sessions,
    pausedHere: row.paused_here,
    pausedThere: row.paused_there,
    running: row.running,
    storage:
      row.storage_name === null
        ? null
        : { name: row.storage_name, freeBytes: Number(row.bytes_free), totalBytes: Number(row.bytes_total) },
  };
}
