import type { Run } from "@/prisma/generated/client";
import { Prisma } from "@/prisma/generated/client";
import { LimitedBy, type RunReport, type SessionSummary } from "./schemas";

export interface SessionRow {
  id: string;
  side: SessionSummary["side"];
  state: SessionSummary["state"];
  agent_id: string;
  agent_name: string;
  pairing_id: string;
  peer_name: string;
  rate_cap: bigint | null;
  paused_by: SessionSummary["pausedBy"];
  rpo_seconds: number;
  newest_point_at: Date | null;
  last_success_at: Date | null;
  next_run_at: Date | null;
  consecutive_failures: number;
  failure_code: string | null;
  failure_message: string | null;
  pending_points: bigint;
  run_id: string | null;
}

/**
 * What a page says of sessions, for the rows of `sessions`: select from replication_session, already filtered and limited.
 * Pending are the points behind the newest one that is complete on the target, in the order of their capture.
 */
export function sessionQuery(sessions: Prisma.Sql): Prisma.Sql {
  return Prisma.sql`
    with chosen as (${sessions})
    select s.id, s.side, s.state, s.agent_id, a.name as agent_name, s.pairing_id, p.peer_name,
      p.rate_cap_bytes_per_second as rate_cap, s.paused_by, s.rpo_seconds, s.newest_point_at, s.last_success_at,
      s.next_run_at, s.consecutive_failures, s.failure_code, s.failure_message, pending.points as pending_points, r.id as run_id
    from chosen s
    join agent a on a.id = s.agent_id
    join pairing p on p.id = s.pairing_id
    left join lateral (select id from run where session_id = s.id order by created_at desc limit 1) r on true
    cross join lateral (
      select count(*) as points from recovery_point rp
      where s.side = 'source' and rp.agent_id = s.agent_id
        and rp.sequence > coalesce((select sequence from recovery_point where id = s.newest_point_id), -1)
    ) pending
    order by a.name, s.id`;
}

export function toSessionSummary(row: SessionRow, run: Run | null, now: Date): SessionSummary {
  return {
    id: row.id,
    side: row.side,
    state: row.state,
    agent: { id: row.agent_id, name: row.agent_name },
    peer: { pairingId: row.pairing_id, name: row.peer_name },
    pausedBy: row.paused_by,
    rpoSeconds: row.rpo_seconds,
    lagSeconds: row.newest_point_at ? secondsBetween(row.newest_point_at, now) : null,
    pendingPoints: row.side === "source" ? Number(row.pending_points) : null,
    newestPointAt: toInstant(row.newest_point_at),
    lastSuccessAt: toInstant(row.last_success_at),
    nextRunAt: toInstant(row.next_run_at),
    consecutiveFailures: row.consecutive_failures,
    failure: toFailure(row.failure_code, row.failure_message),
    run: run ? toRunReport(run) : null,
  };
}

export function toRunReport(run: Run): RunReport {
  return {
    id: run.id,
    sessionId: run.sessionId,
    state: run.state,
    phase: run.phase,
    pointsTotal: run.pointsTotal,
    pointsDone: run.pointsDone,
    bytesTotal: Number(run.bytesTotal),
    bytesDone: Number(run.bytesDone),
    wireBytes: Number(run.wireBytes),
    savedBytes: Number(run.savedBytes),
    recordsNew: Number(run.recordsNew),
    recordsKnown: Number(run.recordsKnown),
    rateBytesPerSecond: Number(run.rateBytesPerSecond),
    etaSeconds: run.etaSeconds,
    limitedBy: LimitedBy.catch("nothing").parse(run.limitedBy),
    mode: run.mode,
    pauseReason: run.pauseReason,
    failure: toFailure(run.failureCode, run.failureMessage),
    createdAt: run.createdAt.toISOString(),
    startedAt: toInstant(run.startedAt),
    endedAt: toInstant(run.endedAt),
    updatedAt: run.updatedAt.toISOString(),
  };
}

const toInstant = (at: Date | null) => at?.toISOString() ?? null;

const toFailure = (code: string | null, message: string | null) => (code ? { code, message: message ?? "" } : null);

/** Never below zero: the clock of the core that captured the point may be ahead of ours. */
const secondsBetween = (from: Date, to: Date) => Math.max(0, Math.floor((to.getTime() - from.getTime()) / 1000));
