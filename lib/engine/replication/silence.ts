import "server-only";
import type { Tx } from "@/lib/db/client";
import { withTransaction } from "@/lib/db/transaction";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvents } from "@/lib/engine/events/emit";

/** A source speaks of its run each second. After so long without a word or a record, something is wrong with it or on the way. */
const SILENT_SECONDS = 120;
/** After so long the run is given up, so that nothing waits for it. */
const GIVEN_UP_SECONDS = 24 * 3600;
/** More are found by the next sweep, a minute later. */
const JOBS_MAX = 500;

interface Silent {
  id: string;
  run_id: string;
  session_id: string;
  heard_at: Date;
}

/**
 * Target: says of runs whose source fell silent that it did, instead of showing them as running for ever, and gives them up after
 * a day. The next word of the source takes either back.
 */
export async function sweepSilentSources(ctx: EngineContext): Promise<void> {
  const silent = await withTransaction(ctx.db, async (tx) => {
    const found = await findSilent(tx, ctx);
    if (found.length > 0) await mark(tx, found);
    return found.length;
  });
  if (silent > 0) ctx.log.warn({ jobs: silent }, "sources have been silent about their runs");
  await withTransaction(ctx.db, (tx) => giveUp(tx, ctx));
}

/** Locks the sessions first, as every word of a source does; one that speaks just now is left alone. */
function findSilent(tx: Tx, ctx: EngineContext): Promise<Silent[]> {
  const before = new Date(ctx.now().getTime() - SILENT_SECONDS * 1000);
  return tx.$queryRaw<Silent[]>`
    select j.id, j.run_id, s.id as session_id, j.heard_at
    from remote_job j join run r on r.id = j.run_id join replication_session s on s.id = r.session_id
    where j.kind = 'replication' and j.ended_at is null and j.silent_since is null and j.heard_at < ${before}
      and r.state in ('queued', 'running')
      and not exists (select 1 from image_session i where i.job_id = j.id and i.updated_at >= ${before})
    order by j.heard_at limit ${JOBS_MAX} for update of s, j skip locked`;
}

async function mark(tx: Tx, found: readonly Silent[]): Promise<void> {
  const ids = found.map(({ id }) => id);
  await tx.$executeRaw`update remote_job set silent_since = heard_at where id = any(${ids}::uuid[])`;
  await tx.$executeRaw`
    update run r set state = 'paused', rate_bytes_per_second = 0, eta_seconds = null, updated_at = now(),
      pause_reason = 'The source has been silent since ' || to_char(j.heard_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS') || ' UTC.'
    from remote_job j where j.run_id = r.id and j.id = any(${ids}::uuid[])`;
  // A pause by people here outlives it.
  await tx.$executeRaw`
    update replication_session s set state = 'system_paused', failure_code = 'unavailable', failure_message = r.pause_reason,
      updated_at = now()
    from run r where r.session_id = s.id and r.id = any(${found.map((one) => one.run_id)}::uuid[])
      and s.state in ('initializing', 'ok', 'synchronizing', 'system_paused')`;
  await tell(tx, found);
}

async function giveUp(tx: Tx, ctx: EngineContext): Promise<void> {
  const now = ctx.now();
  const before = new Date(now.getTime() - GIVEN_UP_SECONDS * 1000);
  const found = await tx.$queryRaw<Silent[]>`
    select j.id, j.run_id, s.id as session_id, j.heard_at
    from remote_job j join run r on r.id = j.run_id join replication_session s on s.id = r.session_id
    where j.kind = 'replication' and j.ended_at is null and j.silent_since < ${before}
    order by j.silent_since limit ${JOBS_MAX} for update of s, j skip locked`;
  if (found.length === 0) return;
  const ids = found.map(({ id }) => id);
  await tx.$executeRaw`
    update remote_job set status = 'Failed', ended_at = ${now} where id = any(${ids}::uuid[]) or parent_id = any(${ids}::uuid[])
      and ended_at is null`;
  await tx.$executeRaw`
    update run set state = 'failed', ended_at = ${now}, failure_code = 'unavailable', failure_message = pause_reason, updated_at = now()
    where id = any(${found.map((one) => one.run_id)}::uuid[]) and state = 'paused'`;
  await tell(tx, found);
}

async function tell(tx: Tx, found: readonly Silent[]): Promise<void> {
  await emitEvents(
    tx,
    "run",
    found.map((one) => one.run_id),
  );
  await emitEvents(
    tx,
    "session",
    found.map((one) => one.session_id),
  );
}
