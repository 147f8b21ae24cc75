import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { formatDuration } from "@/lib/format";
import { ID_CEILING, ID_FLOOR, reconcileAlerts } from "../reconcile";

const WARNING_MS = 60_000;
const CRITICAL_MS = 600_000;
/** What was compared longer ago says nothing any more. */
const FRESH_MS = 24 * 3600_000;
const PAIRINGS_MAX = 10_000;

/** One alert for each peer whose clock is off by more than a minute: lags and RPOs are off by as much. */
export async function watchClocks(ctx: EngineContext): Promise<void> {
  const since = new Date(ctx.now().getTime() - FRESH_MS);
  const rows = await ctx.db.prisma.$queryRaw<{ id: string; name: string; tenantId: string | null; skewMs: number }[]>`
    select id, peer_name as name, tenant_id as "tenantId", clock_skew_ms as "skewMs" from pairing
    where state = 'established' and abs(clock_skew_ms) > ${WARNING_MS} and clock_compared_at > ${since}
    order by id limit ${PAIRINGS_MAX}`;
  const found = rows.map(({ id, name, tenantId, skewMs }) => {
    // To the minute: a clock that is off goes wrong by more each day, and words that change each minute say no more.
    const off = formatDuration(Math.round(Math.abs(skewMs) / 60_000) * 60);
    return {
      kind: "clock-skew" as const,
      severity: Math.abs(skewMs) > CRITICAL_MS ? ("critical" as const) : ("warning" as const),
      subjectKind: "pairing" as const,
      subjectId: id,
      tenantId,
      title: `The clock of “${name}” is ${off} ${skewMs > 0 ? "ahead of" : "behind"} this core's`,
      detail: "One of the two is wrong. Lag and RPO of what is replicated between them are off by as much.",
    };
  });
  const scope = { kinds: ["clock-skew"] as const, subjectKind: "pairing" as const };
  await reconcileAlerts(ctx, { ...scope, after: ID_FLOOR, upTo: ID_CEILING }, found);
}
