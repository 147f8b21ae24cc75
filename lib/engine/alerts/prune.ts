import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { tellOf } from "./tell";

/** Long enough to look back over a quarter. */
const KEPT_DAYS = 92;
/** An alert that comes and goes each minute would fill a disk in that time: beyond these the oldest ones go first. */
const CLEARED_MAX = 50_000;
/** Deleted by one sweep; the rest goes with the next ones. */
const BATCH = 5_000;

/** Forgets cleared alerts within bounds, and clears those whose subject was removed. Part of the sweep. */
export async function sweepAlerts(ctx: EngineContext): Promise<void> {
  await clearOrphans(ctx);
  const oldest = new Date(ctx.now().getTime() - KEPT_DAYS * 86_400_000);
  await ctx.db.prisma.$executeRaw`
    delete from alert where id in (
      select id from alert where cleared_at < ${oldest} limit ${BATCH})`;
  await ctx.db.prisma.$executeRaw`
    delete from alert where id in (
      select id from alert where cleared_at is not null order by cleared_at desc offset ${CLEARED_MAX} limit ${BATCH})`;
}

/** Nobody would clear an alert about what is not there any more. */
async function clearOrphans(ctx: EngineContext): Promise<void> {
  const cleared = await ctx.db.prisma.$queryRaw<{ id: string }[]>`
    update alert set open_key = null, cleared_at = ${ctx.now()}
    where open_key is not null and not case subject_kind
      when 'session' then exists (select from replication_session s where s.id = subject_id and s.state <> 'ended')
      when 'pairing' then exists (select from pairing p where p.id = subject_id and p.state in ('pending', 'established'))
      when 'agent' then exists (select from agent a where a.id = subject_id and a.deletion_asked_at is null)
      when 'repository' then exists (select from repository r where r.id = subject_id)
      when 'channel' then exists (select from channel c where c.id = subject_id)
      else true end
    returning id`;
  await tellOf(ctx.db.prisma, cleared);
}
