import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { wakeDeliveries } from "./deliver";

/** As long as alerts are kept. */
const KEPT_DAYS = 92;
/** A log that nobody could read is no log. */
const KEPT_MAX = 100_000;
/** Deleted by one sweep; the rest goes with the next ones. */
const BATCH = 5_000;

/** Forgets what was sent within bounds, and sees to it that what is due goes out even if nobody else looked. Part of the sweep. */
export async function sweepDeliveries(ctx: EngineContext): Promise<void> {
  await wakeDeliveries(ctx);
  const oldest = new Date(ctx.now().getTime() - KEPT_DAYS * 86_400_000);
  await ctx.db.prisma.$executeRaw`
    delete from delivery where id in (
      select id from delivery where created_at < ${oldest} and state in ('delivered', 'failed', 'skipped') limit ${BATCH})`;
  await ctx.db.prisma.$executeRaw`
    delete from delivery where id in (
      select id from delivery where state in ('delivered', 'failed', 'skipped')
      order by created_at desc, id desc offset ${KEPT_MAX} limit ${BATCH})`;
}
