import "server-only";
import type { z } from "zod";
import type { EngineContext } from "@/lib/engine/context";
import type { QueueStrategy } from "@/lib/engine/replication-settings/schemas";
import type { PageInput } from "@/lib/engine/schemas";
import { toRunReport } from "@/lib/engine/sessions/query";
import { readSetting } from "@/lib/engine/settings";
import { invalidInput } from "@/lib/errors";
import { Prisma } from "@/prisma/generated/client";
import {
  type ActiveEntry,
  ListReplicationQueueInput,
  type QueueStatus,
  type WaitingEntry,
  type WaitingPage,
} from "./schemas";

/** As many runs as a core may ever have at once, by its settings. */
const ACTIVE_MAX = 64;

interface Row {
  point_id: string | null;
  number: bigint | null;
  created_at: Date | null;
  logical_bytes: bigint | null;
  session_id: string;
  agent_id: string;
  agent_name: string;
  pairing_id: string;
  peer_number: number;
  peer_name: string;
  policy_name: string | null;
}

/** The runs that this core drives just now, as a list. */
export const listActive = async (
  ctx: EngineContext,
  _input: Record<string, never>,
): Promise<{ items: ActiveEntry[] }> => ({
  items: await listActiveReplications(ctx),
});

/** The runs that this core drives just now, each with the backup it is at. */
export async function listActiveReplications(ctx: EngineContext, peerNumber?: number): Promise<ActiveEntry[]> {
  const rows = await ctx.db.prisma.$queryRaw<(Row & { run_id: string })[]>`
    select ${COLUMNS}, r.id as run_id
    from run r join replication_session s on s.id = r.session_id join agent a on a.id = s.agent_id
    join pairing p on p.id = s.pairing_id left join policy y on y.id = s.policy_id
    left join lateral (
      select * from recovery_point where agent_id = s.agent_id and ${BEHIND} order by sequence limit 1
    ) rp on true
    where r.lease_until > now() and r.state = 'running' and (${peerNumber ?? null}::int is null or p.number = ${peerNumber ?? null})
    order by r.started_at, r.id limit ${ACTIVE_MAX}`;
  const runs = await ctx.db.prisma.run.findMany({ where: { id: { in: rows.map(({ run_id }) => run_id) } } });
  const byId = new Map(runs.map((run) => [run.id, toRunReport(run)]));
  return rows.flatMap((row) => {
    const run = byId.get(row.run_id);
    return run ? [{ ...toEntry(row), run }] : [];
  });
}

/** A page of the backups that targets lack and no run is at, in the order in which they will be taken, with their number in all. */
export async function listWaitingReplications(
  ctx: EngineContext,
  input: ListReplicationQueueInput,
): Promise<{ items: WaitingEntry[]; total: number }> {
  const { peerNumber = null, offset, limit } = ListReplicationQueueInput.parse(input);
  const { queueStrategy } = await readSetting(ctx.db.prisma, "replication");
  const [rows, [counted]] = await Promise.all([
    ctx.db.prisma.$queryRaw<(Row & { status: QueueStatus })[]>`
      select ${COLUMNS}, ${STATUS} as status ${waiting(peerNumber)}
      order by ${orderOf(queueStrategy)} rp.sequence, s.id limit ${limit} offset ${offset}`,
    ctx.db.prisma.$queryRaw<{ total: bigint }[]>`select count(*) as total ${waiting(peerNumber)}`,
  ]);
  const items = rows.map((row, index) => ({ ...toEntry(row), position: offset + index + 1, status: row.status }));
  return { items, total: Number(counted?.total ?? 0) };
}

/** The same by pages with a cursor, which is the number of rows before. */
export async function listReplicationQueue(
  ctx: EngineContext,
  { cursor, limit }: z.output<typeof PageInput>,
): Promise<WaitingPage> {
  const offset = cursor === undefined ? 0 : Number(cursor);
  if (!Number.isSafeInteger(offset) || offset < 0) throw invalidInput("The cursor is not one that this list gave out.");
  const { items, total } = await listWaitingReplications(ctx, { offset, limit });
  const next = offset + items.length;
  return { items, total, nextCursor: items.length === limit && next < total ? String(next) : null };
}

const COLUMNS = Prisma.sql`rp.id as point_id, rp.number, rp.created_at, rp.logical_bytes, s.id as session_id,
  s.agent_id, a.name as agent_name, s.pairing_id, p.number as peer_number, p.peer_name, y.name as policy_name`;

/** What the newest complete point on the target leaves. */
const BEHIND = Prisma.sql`sequence > coalesce((select sequence from recovery_point where id = s.newest_point_id), -1)`;

/** The run that goes on has its oldest backup in hand; those behind it wait. */
const waiting = (peerNumber: number | null) => Prisma.sql`
  from replication_session s join agent a on a.id = s.agent_id join pairing p on p.id = s.pairing_id
  left join policy y on y.id = s.policy_id
  left join lateral (select * from run where session_id = s.id order by created_at desc limit 1) r on true
  join recovery_point rp on rp.agent_id = s.agent_id and rp.${BEHIND}
  where s.side = 'source' and s.role = 'source' and p.state = 'established' and s.state not in ('ended', 'deleting', 'failed_over')
    and (${peerNumber}::int is null or p.number = ${peerNumber})
    and not (coalesce(r.lease_until > now(), false) and r.state = 'running'
      and rp.sequence = (select min(sequence) from recovery_point where agent_id = s.agent_id and ${BEHIND}))`;

/** Of the backup that the session is at: how the last attempt ended. Those behind it were not tried. */
const STATUS = Prisma.sql`case
  when rp.sequence > (select min(sequence) from recovery_point where agent_id = s.agent_id and ${BEHIND}) then 'needed'
  when s.state = 'system_paused' then 'failed'
  when r.state = 'cancelled' then 'aborted'
  else 'needed' end`;

function orderOf(strategy: QueueStrategy): Prisma.Sql {
  switch (strategy) {
    case "manual":
      return Prisma.sql`s.next_run_at asc nulls last, s.id,`;
    case "maximum-retention":
      return Prisma.sql`rp.created_at asc,`;
    case "recency":
      return Prisma.sql`rp.created_at desc,`;
    default:
      return strategy satisfies never;
  }
}

const toEntry = (row: Row) => ({
  recoveryPointId: row.point_id,
  number: row.number === null ? null : Number(row.number),
  createdAt: row.created_at?.toISOString() ?? null,
  sizeBytes: Number(row.logical_bytes ?? 0),
  sessionId: row.session_id,
  agent: { id: row.agent_id, name: row.agent_name },
  peer: { pairingId: row.pairing_id, number: row.peer_number, name: row.peer_name },
  policyName: row.policy_name,
});
