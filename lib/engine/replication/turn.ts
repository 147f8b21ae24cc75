import "server-only";
import type { Tx } from "@/lib/db/client";
import type { EngineContext } from "@/lib/engine/context";
import type { QueueStrategy, ThrottleSchedule } from "@/lib/engine/replication-settings/schemas";
import { throttleAt } from "@/lib/engine/replication-settings/throttle-at";
import { readSetting } from "@/lib/engine/settings";
import { Prisma } from "@/prisma/generated/client";

/** What one may begin with whose turn it is. */
export interface Turn {
  readonly throttle: ThrottleSchedule;
  /** Runs of this core that go on, with the one that begins. */
  readonly runsOfCore: number;
}

interface Places {
  readonly strategy: QueueStrategy;
  readonly throttle: ThrottleSchedule;
  readonly running: number;
  /** Runs that may begin now; 0 also while the schedule sends nothing. */
  readonly free: number;
}

/**
 * Is it this session's turn? null: all places are taken, others come first, or the schedule sends nothing just now. One caller at a
 * time until its transaction ends, so that two never take the last place; to be taken after the lock on the session.
 */
export async function takeTurn(tx: Tx, ctx: EngineContext, sessionId: string): Promise<Turn | null> {
  await tx.$executeRaw`select pg_advisory_xact_lock(hashtext('replication-turns'))`;
  const places = await placesNow(tx, ctx);
  if (places.free <= 0) return null;
  const next = await nextInTurn(tx, ctx, places, sessionId);
  return next.includes(sessionId) ? { throttle: places.throttle, runsOfCore: places.running + 1 } : null;
}

/** The sessions that wait and whose turn it is now, in the order of the queue; at most as many as there are places. */
export async function sessionsInTurn(ctx: EngineContext): Promise<string[]> {
  const places = await placesNow(ctx.db.prisma, ctx);
  return places.free > 0 ? nextInTurn(ctx.db.prisma, ctx, places, null) : [];
}

async function placesNow(tx: Pick<Tx, "setting" | "$queryRaw">, ctx: EngineContext): Promise<Places> {
  const settings = await readSetting(tx, "replication");
  const throttle = await readSetting(tx, "replicationThrottle");
  const [counted] = await tx.$queryRaw<{ running: number }[]>`
    select count(*)::int as running from run where lease_until > now() and state = 'running'`;
  const running = counted?.running ?? 0;
  const isShut = throttleAt(throttle, ctx.now()).kind === "blocked";
  return {
    strategy: settings.queueStrategy,
    throttle,
    running,
    free: isShut ? 0 : Math.max(0, settings.maxConcurrentRuns - running),
  };
}

/** `asking` counts as waiting although its time may not be written yet. */
async function nextInTurn(
  tx: Pick<Tx, "$queryRaw">,
  ctx: EngineContext,
  { strategy, free }: Places,
  asking: string | null,
): Promise<string[]> {
  const rows = await tx.$queryRaw<{ id: string }[]>(Prisma.sql`
    select s.id from replication_session s join pairing p on p.id = s.pairing_id ${waitingOf(strategy)}
    where s.side = 'source' and (s.next_run_at <= ${ctx.now()} or s.id = ${asking}::uuid)
      and p.state = 'established' and s.state not in ('pausing', 'failing_over_for_dr', 'failed_over', 'deleting', 'ended')
      and not (s.state = 'paused' and s.paused_by = 'source')
      and not exists (
        select 1 from pairing_agent where pairing_id = s.pairing_id and agent_id = s.agent_id and state = 'pending'
      )
      and not exists (select 1 from run r where r.session_id = s.id and r.lease_until > now())
    order by ${orderOf(strategy)} coalesce(s.next_run_at, ${ctx.now()}), s.id limit ${free}`);
  return rows.map(({ id }) => id);
}

/** The backups that wait of each session: behind the newest that is complete on the target. */
function waitingOf(strategy: QueueStrategy): Prisma.Sql {
  if (strategy === "manual") return Prisma.empty;
  return Prisma.sql`left join lateral (
    select min(rp.created_at) as oldest, max(rp.created_at) as newest from recovery_point rp
    where rp.agent_id = s.agent_id
      and rp.sequence > coalesce((select sequence from recovery_point where id = s.newest_point_id), -1)
  ) waiting on true`;
}

function orderOf(strategy: QueueStrategy): Prisma.Sql {
  switch (strategy) {
    case "manual":
      return Prisma.empty;
    case "maximum-retention":
      return Prisma.sql`waiting.oldest asc nulls last,`;
    case "recency":
      return Prisma.sql`waiting.newest desc nulls last,`;
    default:
      return strategy satisfies never;
  }
}
