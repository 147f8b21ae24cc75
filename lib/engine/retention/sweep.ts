import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { removeExpiredPoint } from "@/lib/engine/recovery-points/remove";
import { isRetryable, toTwincoreError } from "@/lib/errors";

/** A minute's work; the next sweep goes on. */
const POINTS_PER_SWEEP = 500;
const AT_ONCE = 4;
/**
 * A clock that is put forward makes every point look old. A point whose time is over goes only when so many points of its agent show a
 * later moment than its end: three captures have then been made by the same clock, and people have had time to see that it is wrong.
 */
const NEWER_POINTS = 3;

/**
 * Deletes points that the rules which made them keep no longer. Never a locked one, never the newest whole one of an agent, never one
 * that a target has yet to get, never while this core does not lead the agent. Time alone deletes nothing: the clock is the database's,
 * and as long as nothing new is captured, nothing old goes. Replicas follow their target's own rules, of which there are none: they stay.
 */
export async function sweepRetention(ctx: EngineContext): Promise<void> {
  const due = await ctx.db.prisma.$queryRaw<{ id: string }[]>`
    select p.id from recovery_point p join agent a on a.id = p.agent_id
    where p.expires_at <= now() and p.origin = 'scheduled' and not p.locked
      and a.lead_pairing_id is null and a.deletion_asked_at is null and a.kind = 'machine'
      and exists (
        select 1 from recovery_point n where n.agent_id = p.agent_id and n.sequence > p.sequence and n.missing_volumes = '{}'
      )
      and (
        -- Written as its own moment: more than the rule keeps, by count.
        p.expires_at <= p.created_at
        or (
          select count(*) from (
            select 1 from recovery_point n
            where n.agent_id = p.agent_id and n.created_at >= p.expires_at and n.sequence > p.sequence
              and n.missing_volumes = '{}' limit ${NEWER_POINTS}
          ) newer
        ) = ${NEWER_POINTS}
      )
      and not exists (
        select 1 from replication_session s left join recovery_point there on there.id = s.newest_point_id
        where s.agent_id = p.agent_id and s.role = 'source' and s.state not in ('deleting', 'ended')
          and (there.id is null or there.sequence < p.sequence)
      )
    order by p.expires_at, p.id limit ${POINTS_PER_SWEEP}`;
  const queue = due.map(({ id }) => id);
  const work = async () => {
    for (let id = queue.shift(); id; id = queue.shift()) await removeOne(ctx, id);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
}

async function removeOne(ctx: EngineContext, id: string): Promise<void> {
  try {
    await removeExpiredPoint(ctx, { id });
  } catch (thrown) {
    // Read or built on just now, locked or gone meanwhile, or its disk is away: the next sweep looks again.
    const { code, message } = toTwincoreError(thrown);
    if (isRetryable(thrown)) ctx.log.warn({ pointId: id, code, message }, "an expired recovery point stays for now");
  }
}
