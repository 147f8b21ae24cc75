import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { Prisma } from "@/prisma/generated/client";
import { type FoundAlert, ID_CEILING, ID_FLOOR, reconcileAlerts } from "../reconcile";
import { FAILURES_MIN, judgeSession, SESSION_KINDS, type WatchedSession } from "./judge-session";

/** Sessions in trouble that are held in memory at once: about 3 MB. */
const BATCH = 5_000;

/**
 * Looks at every replication session of this core, on both sides, because a dead source raises nothing: is it behind its RPO, will it be, has it
 * had no success in the expected time, does it fail again and again? One question and two statements for each five thousand that
 * are in trouble; those that are well are not read. By the clock of `ctx` alone.
 */
export async function watchSessions(ctx: EngineContext, groupedPairings: ReadonlySet<string>): Promise<void> {
  let after = ID_FLOOR;
  while (after !== ID_CEILING) {
    const rows = await readTroubled(ctx, after);
    const last = rows.length < BATCH ? ID_CEILING : (rows.at(-1)?.id ?? ID_CEILING);
    const found: FoundAlert[] = rows.flatMap((row) =>
      judgeSession(row, ctx.now()).filter(
        ({ kind }) => kind !== "session-failing" || !groupedPairings.has(row.pairingId),
      ),
    );
    await reconcileAlerts(ctx, { kinds: SESSION_KINDS, after, upTo: last, subjectKind: "session" }, found);
    after = last;
  }
}

/** Those that may deserve an alert, by id. What is judged is judged in one place: judgeSession. */
function readTroubled(ctx: EngineContext, after: string): Promise<WatchedSession[]> {
  const now = ctx.now();
  const behind = Prisma.sql`extract(epoch from ${now}::timestamptz - coalesce(s.newest_point_at, s.created_at))`;
  const allowed = Prisma.sql`(s.rpo_seconds + coalesce(rule.alert_threshold_minutes, 0) * 60)`;
  return ctx.db.prisma.$queryRaw<WatchedSession[]>`
    select s.id, s.side::text as side, s.role::text as role, s.state::text as state, s.paused_by as "pausedBy",
      s.pairing_id as "pairingId", p.peer_name as "peerName", a.name as "agentName", a.tenant_id as "tenantId",
      s.rpo_seconds as "rpoSeconds", coalesce(rule.alert_threshold_minutes, 0) as "thresholdMinutes",
      s.created_at as "createdAt", s.newest_point_at as "newestPointAt", s.last_success_at as "lastSuccessAt",
      s.next_run_at as "nextRunAt", s.last_sync_ms as "lastSyncMs", s.consecutive_failures as "consecutiveFailures",
      s.failure_message as "failureMessage", r.id is not null as "isRunning", r.eta_seconds as "etaSeconds",
      (select max(q.created_at) from recovery_point q where q.agent_id = s.agent_id) as "newestHereAt"
    from replication_session s join pairing p on p.id = s.pairing_id join agent a on a.id = s.agent_id
    left join replication_rule rule on rule.id = s.replication_rule_id
    left join lateral (
      select id, eta_seconds from run where session_id = s.id and state = 'running' order by created_at desc limit 1
    ) r on true
    where s.id > ${after}::uuid and s.state not in ('ended', 'deleting') and p.state = 'established' and (
      ${behind} > s.rpo_seconds * 0.75 or s.consecutive_failures >= ${FAILURES_MIN}
      or ${behind} + r.eta_seconds > ${allowed}
      or ${behind} + extract(epoch from s.next_run_at - ${now}::timestamptz) + coalesce(s.last_sync_ms, 0) / 1000.0 > ${allowed}
    )
    order by s.id limit ${BATCH}`;
}
