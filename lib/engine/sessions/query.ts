import type { Run } from "@/prisma/generated/client";
import { Prisma } from "@/prisma/generated/client";
import { isLinkDown } from "./link";
import { allowedOperations } from "./operations";
import { Divergent } from "./peer-schemas";
import { type Divergence, LimitedBy, type RunReport, SessionStep, type SessionSummary } from "./schemas";

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
  role: SessionSummary["role"];
  epoch: number;
  revision: number;
  heard_revision: number;
  heard_at: Date | null;
  last_contact_at: Date | null;
  unheard_since: Date | null;
  failover_kind: "planned" | "unplanned" | null;
  failed_over_at: Date | null;
  common_point_id: string | null;
  steps: string[];
  divergence: unknown;
  diverged_at: Date | null;
  keep_side: SessionSummary["side"] | null;
  test_agent_id: string | null;
  test_point_id: string | null;
  test_started_at: Date | null;
  test_ends_at: Date | null;
  rule_id: string | null;
  rule_name: string | null;
  policy_id: string | null;
  policy_name: string | null;
  newest_point_id: string | null;
  last_sync_ms: number | null;
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
      s.next_run_at, s.consecutive_failures, s.failure_code, s.failure_message, pending.points as pending_points, r.id as run_id,
      s.role, s.epoch, s.revision, s.heard_revision, s.heard_at, p.last_contact_at, s.unheard_since, s.failover_kind, s.failed_over_at,
      s.common_point_id, s.steps, s.divergence, s.diverged_at, s.keep_side, s.test_agent_id, s.test_point_id,
      s.test_started_at, s.test_ends_at, rule.id as rule_id, rule.name as rule_name, policy.id as policy_id,
      policy.name as policy_name, s.newest_point_id, s.last_sync_ms
    from chosen s
    join agent a on a.id = s.agent_id
    join pairing p on p.id = s.pairing_id
    left join replication_rule rule on rule.id = s.replication_rule_id
    left join policy on policy.id = s.policy_id
    left join lateral (select id from run where session_id = s.id order by created_at desc limit 1) r on true
    cross join lateral (
      select count(*) as points from recovery_point rp
      where s.role = 'source' and rp.agent_id = s.agent_id
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
    pendingPoints: row.role === "source" ? Number(row.pending_points) : null,
    newestPointAt: toInstant(row.newest_point_at),
    lastSuccessAt: toInstant(row.last_success_at),
    nextRunAt: toInstant(row.next_run_at),
    consecutiveFailures: row.consecutive_failures,
    failure: toFailure(row.failure_code, row.failure_message),
    run: run ? toRunReport(run) : null,
    role: row.role,
    epoch: row.epoch,
    isHeard: row.heard_revision >= row.revision,
    heardAt: toInstant(row.heard_at),
    isLinkDown: isLinkDown(toLink(row), now),
    failover: toFailover(row),
    steps: SessionStep.array().catch([]).parse(row.steps),
    isDiverged: row.divergence !== null,
    test: toTest(row),
    replicationRule: row.rule_id ? { id: row.rule_id, name: row.rule_name ?? "" } : null,
    policy: row.policy_id ? { id: row.policy_id, name: row.policy_name ?? "" } : null,
    newestPointId: row.newest_point_id,
    lastSyncMs: row.last_sync_ms,
    progressPercent: row.role === "source" ? percentOf(run) : null,
    allowed: allowedOperations({
      side: row.side,
      role: row.role,
      state: row.state,
      isTesting: row.test_started_at !== null,
      isTestHere: row.test_agent_id !== null,
      isDiverged: row.divergence !== null,
      isLinkDown: isLinkDown(toLink(row), now),
    }),
  };
}

/** What both cores have that the other lacks, as seen from this side. */
export function toDivergence(row: SessionRow): Divergence | null {
  const found = Divergent.safeParse(row.divergence);
  if (!found.success || !row.diverged_at) return null;
  const there = row.side === "source" ? "target" : "source";
  return {
    commonPointId: found.data.commonPointId,
    here: found.data[row.side],
    there: found.data[there],
    at: row.diverged_at.toISOString(),
    keep: row.keep_side === null ? null : row.keep_side === row.side ? "here" : "there",
  };
}

const toLink = (row: SessionRow) => ({
  side: row.side,
  lastContactAt: row.last_contact_at,
  unheardSince: row.unheard_since,
});

function toFailover({ failover_kind, failed_over_at, common_point_id }: SessionRow): SessionSummary["failover"] {
  if (!failover_kind || !failed_over_at) return null;
  return { kind: failover_kind, at: failed_over_at.toISOString(), commonPointId: common_point_id };
}

function toTest(row: SessionRow): SessionSummary["test"] {
  if (!row.test_started_at) return null;
  return {
    agentId: row.test_agent_id,
    recoveryPointId: row.test_point_id,
    startedAt: row.test_started_at.toISOString(),
    endsAt: toInstant(row.test_ends_at),
  };
}

function percentOf(run: Run | null): number | null {
  if (run?.state !== "running" || run.bytesTotal === 0n) return null;
  return Math.min(100, Number((run.bytesDone * 100n) / run.bytesTotal));
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
