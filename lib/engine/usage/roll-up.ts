import "server-only";
import { withTransaction } from "@/lib/db/transaction";
import type { EngineContext } from "@/lib/engine/context";
import { type DaySpan, daysOf, type MonthSpan } from "./calendar";
import { beginMonths } from "./months";
import { type DayOfMonths, rollUpDays } from "./roll-up-days";
import { trimLedger } from "./trim";

/** A day may change for so long after its end; then it is final. */
const FINAL_AFTER_MS = 3 * 86_400_000;
/** Days that are rolled up in one transaction: ten thousand agents take seconds. */
const DAYS_AT_ONCE = 4;
const DAY_MS = 86_400_000;
/** Different months that are open at once: 15 in each time zone that there is. */
const MONTHS_MAX = 15 * 600;
const TIMEOUT_MS = 600_000;
/** Tells this kind of advisory lock from others. */
const LOCK_KIND = 7121;

/**
 * Rolls the ledger up: every day of every tenant that is not final yet, up to now. Days that ended three days ago, and of whose end
 * there is a measurement, are final from then on. May be repeated and run several times at once.
 */
export async function rollUpUsage(ctx: EngineContext): Promise<void> {
  await beginMonths(ctx);
  await rollUpOpenDays(ctx, null, ctx.now());
  await settleDays(ctx, new Date(ctx.now().getTime() - FINAL_AFTER_MS), null);
  await trimLedger(ctx);
  await ctx.enqueue("compute-statements", {}, { key: "all" });
}

/** Rolls up what is open of one tenant up to a moment, and makes every day final that ended by then. */
export async function rollUpTenant(ctx: EngineContext, tenantId: string, to: Date): Promise<void> {
  await rollUpOpenDays(ctx, tenantId, to);
  await settleDays(ctx, to, tenantId);
}

async function rollUpOpenDays(ctx: EngineContext, tenantId: string | null, to: Date): Promise<void> {
  const months = await openMonths(ctx, tenantId);
  const days = months.flatMap((month) =>
    daysOf(month)
      .filter(({ beginsAt, endsAt }) => endsAt > month.finalTo && beginsAt < to)
      .map((day) => ({ ...day, month })),
  );
  for (const some of inGroups(days))
    await withTransaction(
      ctx.db,
      async (tx) => {
        await tx.$executeRaw`select pg_advisory_xact_lock(${LOCK_KIND}::int, 0)`;
        await rollUpDays(tx, ctx, some, tenantId);
      },
      TIMEOUT_MS,
    );
}

type OpenMonth = MonthSpan & { finalTo: Date };

/** Tenants of one zone share their months. */
function openMonths(ctx: EngineContext, tenantId: string | null): Promise<OpenMonth[]> {
  return ctx.db.prisma.$queryRaw<OpenMonth[]>`
    select month, time_zone as "timeZone", begins_at as "beginsAt", ends_at as "endsAt", min(final_to) as "finalTo"
    from usage_month where final_to < ends_at and (${tenantId}::uuid is null or tenant_id = ${tenantId}::uuid)
    group by 1, 2, 3, 4 order by begins_at limit ${MONTHS_MAX}`;
}

function inGroups(days: readonly (DaySpan & DayOfMonths)[]): (DaySpan & DayOfMonths)[][] {
  const groups = new Map<number, (DaySpan & DayOfMonths)[]>();
  for (const day of days) {
    const key = Math.floor(Date.parse(day.day) / DAY_MS / DAYS_AT_ONCE);
    groups.set(key, [...(groups.get(key) ?? []), day]);
  }
  return [...groups].sort(([a], [b]) => a - b).map(([, group]) => group);
}

/** What ended up to `to` does not change any more, if there is a measurement behind it: without one a gap may still come to it. */
async function settleDays(ctx: EngineContext, to: Date, tenantId: string | null): Promise<void> {
  const newest = await ctx.db.prisma.usageMeasurement.aggregate({
    where: { at: { lte: ctx.now() } },
    _max: { at: true },
  });
  if (!newest._max.at) return;
  const limit = newest._max.at < to ? newest._max.at : to;
  const settled = (await openMonths(ctx, tenantId)).flatMap((month) => {
    const last = daysOf(month).findLast(({ endsAt }) => endsAt <= limit);
    return last ? [{ ...month, finalTo: last.endsAt }] : [];
  });
  await ctx.db.prisma.$executeRaw`
    update usage_month m set final_to = s."finalTo"
    from jsonb_to_recordset(${JSON.stringify(settled)}::jsonb) as s(
      "month" text, "timeZone" text, "beginsAt" timestamptz, "finalTo" timestamptz)
    where m.month = s.month and m.time_zone = s."timeZone" and m.begins_at = s."beginsAt" and m.final_to < s."finalTo"
      and (${tenantId}::uuid is null or m.tenant_id = ${tenantId}::uuid)`;
}
