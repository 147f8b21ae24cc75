import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { type FoundAlert, ID_CEILING, ID_FLOOR, reconcileAlerts } from "../reconcile";
import { judgeCertificate, type WatchedCertificate } from "./judge-certificate";
import { FAILURES_MIN } from "./judge-session";

/** A core has a few hundred pairings at most; a flood of requests is capped where they arrive. */
const PAIRINGS_MAX = 10_000;
const WAITING_SECONDS = 3_600;
/** So many sessions of one pairing that fail are one trouble: that of the pairing. */
const GROUP_MIN = 3;
const DAY_MS = 86_400_000;
/** The earliest that any certificate is spoken of. */
const CERTIFICATE_DAYS = 30;

/**
 * Looks at every pairing: requests that nobody answers, certificates near their end, many sessions that fail together. Answers
 * the pairings whose failing sessions have an alert in common, so that none of them has one of its own.
 */
export async function watchPairings(ctx: EngineContext): Promise<ReadonlySet<string>> {
  const [waiting, certificates, failing] = await Promise.all([
    findWaiting(ctx),
    findCertificates(ctx),
    findFailing(ctx),
  ]);
  const scope = { after: ID_FLOOR, upTo: ID_CEILING, subjectKind: "pairing" } as const;
  const kinds = ["pairing-waiting", "certificate-expiring", "session-failing"] as const;
  await reconcileAlerts(ctx, { ...scope, kinds }, [...waiting, ...certificates, ...failing]);
  return new Set(failing.map(({ subjectId }) => subjectId));
}

/** Requests of other cores that have waited for an hour, and agents that paired ones asked for. */
async function findWaiting(ctx: EngineContext): Promise<FoundAlert[]> {
  const since = new Date(ctx.now().getTime() - WAITING_SECONDS * 1000);
  const rows = await ctx.db.prisma.$queryRaw<{ id: string; name: string; tenantId: string | null; agents: bigint }[]>`
    select p.id, p.peer_name as name, p.tenant_id as "tenantId", case p.state when 'pending' then 0 else w.agents end as agents
    from pairing p cross join lateral (
      select count(*) as agents, min(requested_at) as oldest from pairing_agent where pairing_id = p.id and state = 'pending'
    ) w
    where p.side = 'target' and (p.state = 'pending' and p.requested_at < ${since}
      or p.state = 'established' and w.oldest < ${since})
    order by p.id limit ${PAIRINGS_MAX}`;
  return rows.map(({ id, name, tenantId, agents }) => ({
    kind: "pairing-waiting",
    severity: "warning",
    subjectKind: "pairing",
    subjectId: id,
    tenantId,
    title: agents > 0n ? `“${name}” waits for an answer about its agents` : `“${name}” waits to be let in`,
    detail:
      agents > 0n
        ? "It asked for more of its agents to be replicated, and nobody has answered for an hour."
        : "It asked to be paired, and nobody has answered for an hour.",
  }));
}

async function findCertificates(ctx: EngineContext): Promise<FoundAlert[]> {
  const soon = new Date(ctx.now().getTime() + CERTIFICATE_DAYS * DAY_MS);
  const rows = await ctx.db.prisma.$queryRaw<WatchedCertificate[]>`
    select p.id as "pairingId", p.peer_name as "peerName", p.tenant_id as "tenantId",
      coalesce(c.not_after, p.certificate_not_after) as "notAfter", coalesce(c.registered, false) as "isBrought"
    from pairing p left join lateral (
      select not_after, registered from pairing_certificate
      where pairing_id = p.id and revoked_at is null order by not_after desc limit 1
    ) c on p.side = 'target'
    where p.state = 'established' and coalesce(c.not_after, p.certificate_not_after) < ${soon}
    order by p.id limit ${PAIRINGS_MAX}`;
  return rows.flatMap((row) => judgeCertificate(row, ctx.now()) ?? []);
}

/** Many sessions of one pairing that fail are one alert, with the message that most of them have. */
async function findFailing(ctx: EngineContext): Promise<FoundAlert[]> {
  const rows = await ctx.db.prisma.$queryRaw<
    { id: string; name: string; tenantId: string | null; sessions: bigint; times: number; message: string | null }[]
  >`
    select p.id, p.peer_name as name, p.tenant_id as "tenantId", count(*) as sessions, max(s.consecutive_failures) as times,
      mode() within group (order by s.failure_message) as message
    from replication_session s join pairing p on p.id = s.pairing_id
    where s.consecutive_failures >= ${FAILURES_MIN} and s.state not in ('ended', 'deleting') and p.state = 'established'
    group by p.id having count(*) >= ${GROUP_MIN}
    order by p.id limit ${PAIRINGS_MAX}`;
  return rows.map(({ id, name, tenantId, sessions, times, message }) => ({
    kind: "session-failing",
    severity: "critical",
    subjectKind: "pairing",
    subjectId: id,
    tenantId,
    title: `${sessions} sessions with “${name}” fail again and again`,
    detail: message ?? "",
    count: times,
  }));
}
