import "server-only";
import type { EngineContext } from "@/lib/engine/context";

/** A year, and a month to look at it; the database refuses to let go of anything younger. */
const KEPT_DAYS = 400;
/** Rows in one statement; the rest goes in the next hour. */
const TRIMMED_MAX = 50_000;

/** Lets go of what is older than the ledger is kept, once its days are rolled up for good. */
export async function trimLedger(ctx: EngineContext): Promise<void> {
  await ctx.db.prisma.$executeRaw`
    delete from usage_entry where id in (
      select e.id from usage_entry e
      where e.at < least(now(), ${ctx.now()}::timestamptz) - ${KEPT_DAYS} * interval '1 day'
        and (exists (select 1 from usage_month m where m.tenant_id = e.tenant_id and m.final_to > e.at)
          or not exists (select 1 from tenant t where t.id = e.tenant_id))
      order by e.at limit ${TRIMMED_MAX})`;
  await ctx.db.prisma.$executeRaw`
    delete from usage_measurement where id in (
      select id from usage_measurement m
      where m.at < least(now(), ${ctx.now()}::timestamptz) - ${KEPT_DAYS} * interval '1 day'
        and not exists (select 1 from usage_month o where o.final_to < o.ends_at and o.final_to <= m.at)
      order by at limit ${TRIMMED_MAX})`;
}
