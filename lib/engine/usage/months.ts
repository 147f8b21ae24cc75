import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { type MonthSpan, monthAfter, monthAt, monthSpan } from "./calendar";

/** Tenants whose months are begun in one go. */
const TENANTS_MAX = 1_000;
/** Goes; more tenants than that begin their month in the next hour. */
const GOES_MAX = 100;
/** As long as the ledger is kept, and a month. */
const MONTHS_MAX = 15;

interface Due {
  id: string;
  time_zone: string;
  month: string | null;
  ends_at: Date | null;
  first_at: Date | null;
}

/**
 * Begins the months that every tenant is behind with, from the one of its first entry up to this one. A month keeps the time zone
 * with which it is begun, and begins where the one before ended: a change of the zone counts from the next month on, and no second
 * is in two months or in none.
 */
export async function beginMonths(ctx: EngineContext): Promise<void> {
  for (let go = 0; go < GOES_MAX; go++) {
    const due = await ctx.db.prisma.$queryRaw<Due[]>`
      select t.id, t.time_zone, last.month, last.ends_at, case when last.month is null then (
        select min(e.at) from usage_entry e where e.tenant_id = t.id and e.origin = 'measured') end as first_at
      from tenant t left join lateral (
        select month, ends_at from usage_month m where m.tenant_id = t.id order by month desc limit 1
      ) last on true
      where last.ends_at is null or last.ends_at <= ${ctx.now()}
      order by t.id limit ${TENANTS_MAX}`;
    if (due.length === 0) return;
    const data = due.flatMap((tenant) =>
      monthsOf(tenant, ctx.now()).map((month) => ({ tenantId: tenant.id, ...month, finalTo: month.beginsAt })),
    );
    await ctx.db.prisma.usageMonth.createMany({ data, skipDuplicates: true });
  }
}

function monthsOf(tenant: Due, now: Date): MonthSpan[] {
  const first = tenant.first_at && tenant.first_at < now ? tenant.first_at : now;
  const months: MonthSpan[] = [];
  let month = tenant.month ? monthAfter(tenant.month) : monthAt(tenant.time_zone, first);
  let beginsAt = tenant.ends_at ?? undefined;
  for (let count = 0; count < MONTHS_MAX; count++) {
    const span = monthSpan(tenant.time_zone, month, beginsAt);
    if (span.beginsAt > now) break;
    months.push(span);
    beginsAt = span.endsAt;
    month = monthAfter(month);
  }
  return months;
}
