import "server-only";
import type { Tx } from "@/lib/db/client";
import { withTransaction } from "@/lib/db/transaction";
import type { EngineContext } from "@/lib/engine/context";
import { Prisma } from "@/prisma/generated/client";

/** A figure that did not change is written again after so long: a line in the ledger for each hour, and no more. */
const SAME_SECONDS = 3600;
/** Every sample is kept for five weeks, so that a month can be billed by the hour; of older days the last one is. */
const FINE_DAYS = 35;
/** Rows thinned in one go; the rest goes with the next one. */
const THINNED_MAX = 50_000;
/** Tells this kind of advisory lock from others. */
const LOCK_KIND = 7103;

/**
 * Writes what each of the agents occupies here to the ledger, in one statement: the first time, when it changed, and each hour.
 * Measuring twice at the same time writes it once.
 */
export async function measureAgents(ctx: EngineContext, agents: Prisma.Sql = Prisma.sql`true`): Promise<void> {
  await withTransaction(ctx.db, async (tx) => {
    await tx.$executeRaw`select pg_advisory_xact_lock(${LOCK_KIND}::int, 0)`;
    await tx.$executeRaw`
      insert into usage_entry (at, origin, agent_id, agent_name, host_name, tenant_id, repository_id, pairing_id,
        protected_bytes, stored_bytes, recovery_points, oldest_point_at, newest_point_at)
      select ${ctx.now()}, 'measured', agent.id, agent.name, agent.host_name, agent.tenant_id, agent.repository_id,
        agent.pairing_id, coalesce(newest.protected, 0), totals.stored_bytes, totals.points, totals.oldest, totals.newest
      from agent
      cross join lateral (
        select count(*)::int as points, coalesce(sum(stored_bytes), 0)::bigint as stored_bytes,
          min(created_at) as oldest, max(created_at) as newest
        from recovery_point where agent_id = agent.id
      ) totals
      left join lateral (
        -- What a copy shows is protected once, as the machine's own.
        select case agent.kind when 'machine' then logical_bytes else 0 end as protected
        from recovery_point where agent_id = agent.id order by sequence desc limit 1
      ) newest on true
      left join lateral (
        select * from usage_entry where agent_id = agent.id and origin = 'measured' order by at desc, id desc limit 1
      ) last on true
      where ${agents} and (
        last.id is null or last.at <= ${secondsAgo(ctx, SAME_SECONDS)}
        or (last.recovery_points, last.stored_bytes, last.protected_bytes, last.tenant_id, last.repository_id, last.pairing_id)
          is distinct from (totals.points, totals.stored_bytes, coalesce(newest.protected, 0), agent.tenant_id,
            agent.repository_id, agent.pairing_id)
      )`;
  });
}

/** Of each day that is older than five weeks the last sample of an agent stays, by origin. */
export async function thinLedger(tx: Tx, ctx: EngineContext): Promise<void> {
  await tx.$executeRaw`
    delete from usage_entry where id in (
      select e.id from usage_entry e
      where e.at < ${secondsAgo(ctx, FINE_DAYS * 86_400)} and exists (
        select 1 from usage_entry later
        where later.agent_id = e.agent_id and later.origin = e.origin and (later.at, later.id) > (e.at, e.id)
          and later.at < (date_trunc('day', e.at at time zone 'UTC') + interval '1 day') at time zone 'UTC'
      )
      limit ${THINNED_MAX}
    )`;
}

const secondsAgo = (ctx: EngineContext, seconds: number): Date => new Date(ctx.now().getTime() - seconds * 1000);
