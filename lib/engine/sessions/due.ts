import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";
import { sessionsInTurn } from "@/lib/engine/replication/turn";

/** The rest is found by the next look. */
const SESSIONS_MAX = 500;
/** Longer than any lease: a run that is silent for so long has lost its job too. */
const LOST_SECONDS = 60;
/** After a change of roles people go on with the next order, mostly on the core that has just become current: so long that one is heard soon. */
const ATTENTIVE_SECONDS = 15 * 60;
const LISTEN_SECONDS = 5;
/** Those that were heard longest ago first; the minute's look hears all. */
const LISTENING_MAX = 50;
/** A mirror is written each second while its source runs. */
const UNHEARD_SECONDS = 120;

/** Source: asks for the runs whose time and turn have come. Cheap; called every few seconds, so that waiting times are met. */
export async function wakeDueSessions(ctx: EngineContext): Promise<void> {
  const ids = await sessionsInTurn(ctx);
  await wake(
    ctx,
    ids.map((id) => ({ id })),
  );
}

/** The side that calls: asks again soon how sessions stand that failed over a short while ago. One whose other core does not answer waits for the minute's look. */
export async function listenToFailedOver(ctx: EngineContext): Promise<void> {
  const before = (seconds: number) => new Date(ctx.now().getTime() - seconds * 1000);
  const sessions = await ctx.db.prisma.replicationSession.findMany({
    where: {
      side: "source",
      state: "failed_over",
      unheardSince: null,
      failedOverAt: { gt: before(ATTENTIVE_SECONDS) },
      heardAt: { lt: before(LISTEN_SECONDS) },
      pairing: { state: "established" },
    },
    orderBy: { heardAt: "asc" },
    take: LISTENING_MAX,
    select: { id: true },
  });
  for (const { id } of sessions) await ctx.enqueue("tell-session", { sessionId: id }, { key: id });
}

/**
 * Finds what fell through: sessions with points that nobody asked to replicate or labels
 * that nobody told, runs whose job was lost, mirrors of sources that
 * went silent. Part of the sweep.
 */
export async function sweepSessions(ctx: EngineContext): Promise<void> {
  const forgotten = await ctx.db.prisma.$queryRaw<{ id: string }[]>`
    select s.id from replication_session s join pairing p on p.id = s.pairing_id join agent a on a.id = s.agent_id
    left join lateral (
      select id, committed_at from recovery_point where agent_id = s.agent_id order by sequence desc limit 1
    ) newest on true
    where s.side = 'source' and s.role = 'source' and p.state = 'established' and s.state in ('initializing', 'ok') and s.next_run_at is null
      and (
        a.metadata_version > s.metadata_version
        or newest.id is distinct from s.newest_point_id and newest.committed_at > coalesce(s.last_run_at, '-infinity')
      )
    limit ${SESSIONS_MAX}`;
  const lost = await ctx.db.prisma.$queryRaw<{ id: string }[]>`
    select s.id from replication_session s
    cross join lateral (select * from run where session_id = s.id order by created_at desc limit 1) r
    where s.side = 'source' and s.state not in ('pausing', 'failing_over_for_dr', 'failed_over', 'deleting', 'ended')
      and not (s.state = 'paused' and s.paused_by = 'source')
      and coalesce(r.lease_until, r.updated_at) < now() - ${LOST_SECONDS} * interval '1 second'
      and r.state in ('running', 'queued')
    limit ${SESSIONS_MAX}`;
  await wake(ctx, [...forgotten, ...lost]);
  await ctx.db.prisma.$executeRaw`
    update replication_session s set state = 'paused', updated_at = now()
    where s.state = 'pausing' and not exists (
      select 1 from run where session_id = s.id and state = 'running' and lease_until > now()
    )`;
  await markUnheard(ctx);
}

/** Target: says so when the source of a run has not been heard of. It goes on when the source comes back. */
async function markUnheard(ctx: EngineContext): Promise<void> {
  const unheard = await ctx.db.prisma.$queryRaw<{ id: string; session_id: string }[]>`
    update run set state = 'paused', pause_reason = 'Nothing was heard of the source for two minutes.',
      rate_bytes_per_second = 0, eta_seconds = null
    where id in (
      select r.id from replication_session s
      cross join lateral (select * from run where session_id = s.id order by created_at desc limit 1) r
      where s.side = 'target' and r.state = 'running' and r.updated_at < now() - ${UNHEARD_SECONDS} * interval '1 second'
    )
    returning id, session_id`;
  for (const { id, session_id } of unheard) {
    await ctx.db.prisma.replicationSession.updateMany({
      where: { id: session_id, state: "synchronizing" },
      data: { state: "system_paused", failureCode: "unavailable", failureMessage: "Nothing is heard of the source." },
    });
    await emitEvent(ctx.db.prisma, "run", id);
    await emitEvent(ctx.db.prisma, "session", session_id);
  }
}

async function wake(ctx: EngineContext, sessions: readonly { id: string }[]): Promise<void> {
  for (const { id } of sessions) await ctx.enqueue("run-replication", { sessionId: id }, { key: id });
}
