import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";
import { countTransferred } from "@/lib/engine/usage/count-transferred";
import { LEASE_SECONDS, type LeasedRun } from "./lease";
import type { JobProgress } from "./peer-schemas";

/** What people and settings say to a run that goes on. */
export interface Orders {
  /** Bytes on the wire since the beat before. */
  wired: bigint;
  cancelled: boolean;
  sessionState: string;
  pausedBy: string | null;
  pairingState: string;
  rateCap: bigint | null;
  activeRuns: number;
  /** The throttle schedule as it is kept; null: none was ever set. */
  throttle: unknown;
  runsOfCore: number;
}

/** One statement, so that progress, lease and orders agree. null: the run is not ours any more. */
export async function writeBeat(ctx: EngineContext, leased: LeasedRun, report: JobProgress): Promise<Orders | null> {
  const { rows } = await ctx.db.pool.query<Orders>(BEAT, [
    leased.run.id,
    leased.owner,
    LEASE_SECONDS,
    report.phase,
    report.pointsTotal,
    report.pointsDone,
    report.bytesTotal,
    report.bytesDone,
    report.wireBytes,
    report.savedBytes,
    report.recordsNew,
    report.recordsKnown,
    report.rateBytesPerSecond,
    report.etaSeconds,
    report.limitedBy,
    report.mode,
  ]);
  if (!rows[0]) return null;
  // Not in the same statement: who holds the agent's row may wait for that of the run.
  await countTransferred(ctx.db.prisma, leased.session.agentId, Number(rows[0].wired));
  await emitEvent(ctx.db.prisma, "run", leased.run.id);
  return rows[0];
}

const BEAT = `
  with before as (
    select id, wire_bytes from run where id = $1 and lease_owner = $2 and state = 'running' for update
  ), beat as (
    update run set lease_until = now() + $3 * interval '1 second', phase = $4::run_phase, points_total = $5, points_done = $6,
      bytes_total = $7, bytes_done = $8, wire_bytes = $9, saved_bytes = $10, records_new = $11, records_known = $12,
      rate_bytes_per_second = $13, eta_seconds = $14, limited_by = $15, mode = $16::transfer_mode,
      updated_at = now()
    from before where run.id = before.id
    returning run.session_id, run.cancel_requested_at, $9 - before.wire_bytes as wired
  )
  select beat.wired as "wired", beat.cancel_requested_at is not null as "cancelled", s.state::text as "sessionState", s.paused_by as "pausedBy",
    p.state::text as "pairingState", p.rate_cap_bytes_per_second as "rateCap",
    (select count(*)::int from replication_session o cross join lateral (
        select state, lease_until from run where session_id = o.id order by created_at desc limit 1
      ) r where o.pairing_id = p.id and r.state = 'running' and r.lease_until > now()) as "activeRuns",
    (select value from setting where name = 'replicationThrottle') as "throttle",
    (select count(*)::int from run where lease_until > now() and state = 'running') as "runsOfCore"
  from beat join replication_session s on s.id = beat.session_id join pairing p on p.id = s.pairing_id`;
