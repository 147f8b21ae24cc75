import "server-only";
import type { Tx } from "@/lib/db/client";
import { withTransaction } from "@/lib/db/transaction";
import type { EngineContext } from "@/lib/engine/context";
import { Prisma } from "@/prisma/generated/client";

/** Tells this kind of advisory lock from others. */
const LOCK_KIND = 7103;
/** Where nothing was ever measured, agents that have gone since are looked for among entries of so long ago at most. */
const LOOK_BACK_DAYS = 35;
/** Ten thousand agents take seconds; a core that is short of memory, longer. */
const TIMEOUT_MS = 120_000;

/**
 * Measures every agent of this core: one row says when, and the ledger gets an entry for each agent whose figures are not those of
 * its newest entry, for each on the first measurement of a UTC day (so that looking up a figure never goes back further than the
 * day of the last measurement), and an end for each that has gone or lies elsewhere now. All in one transaction, whose moment is a
 * whole second. Measuring several times at once is measuring several times in a row.
 */
export async function measureAgents(ctx: EngineContext): Promise<void> {
  await underLock(ctx, async (tx, at) => {
    await endEntries(tx, at);
    await addEntries(tx, at, Prisma.sql`true`);
    await tx.$executeRaw`insert into usage_measurement (at, agents) select ${at}, count(*)::int from agent`;
  });
}

/** Adds the first entry of agents that were never measured. Not a measurement: what they use counts from now on all the same. */
export async function measureNewAgents(ctx: EngineContext, agents: Prisma.Sql): Promise<void> {
  await underLock(ctx, (tx, at) => addEntries(tx, at, agents));
}

async function underLock(ctx: EngineContext, work: (tx: Tx, at: Date) => Promise<void>): Promise<void> {
  const lockAndWork = async (tx: Tx) => {
    await tx.$executeRaw`select pg_advisory_xact_lock(${LOCK_KIND}::int, 0)`;
    // Whole seconds, so that bytes × seconds are whole numbers.
    await work(tx, new Date(Math.floor(ctx.now().getTime() / 1000) * 1000));
  };
  await withTransaction(ctx.db, lockAndWork, TIMEOUT_MS);
}

/** What the newest entry says that no longer is so; with the counter as it stood last, so that no byte is counted twice or lost. */
async function endEntries(tx: Tx, at: Date): Promise<void> {
  await tx.$executeRaw`
    with newest as (
      select distinct on (agent_id) * from usage_entry
      where origin = 'measured' and at <= ${at} and at >= coalesce(
        (select date_trunc('day', max(m.at) at time zone 'UTC') at time zone 'UTC' from usage_measurement m where m.at <= ${at}),
        ${at}::timestamptz - ${LOOK_BACK_DAYS} * interval '1 day')
      order by agent_id, at desc, id desc
    )
    insert into usage_entry (at, origin, agent_id, agent_name, host_name, tenant_id, repository_id, pairing_id,
      protected_bytes, stored_bytes, recovery_points, transferred_bytes, agents, is_end)
    select ${at}, 'measured', n.agent_id, n.agent_name, n.host_name, n.tenant_id, n.repository_id, n.pairing_id,
      0, 0, 0, greatest(n.transferred_bytes, coalesce(a.transferred_bytes, 0)), 0, true
    from newest n left join agent a on a.id = n.agent_id
    where not n.is_end and (a.tenant_id, a.repository_id) is distinct from (n.tenant_id, n.repository_id)`;
}

async function addEntries(tx: Tx, at: Date, agents: Prisma.Sql): Promise<void> {
  await tx.$executeRaw`
    insert into usage_entry (at, origin, agent_id, agent_name, host_name, tenant_id, repository_id, pairing_id,
      protected_bytes, stored_bytes, recovery_points, oldest_point_at, newest_point_at, transferred_bytes, agents)
    select ${at}, 'measured', agent.id, agent.name, agent.host_name, agent.tenant_id, agent.repository_id,
      agent.pairing_id, coalesce(newest.protected, 0), totals.stored_bytes, totals.points, totals.oldest, totals.newest,
      agent.transferred_bytes, kind.agents
    from agent
    cross join lateral (
      select count(*)::int as points, coalesce(sum(stored_bytes), 0)::bigint as stored_bytes,
        min(created_at) as oldest, max(created_at) as newest
      from recovery_point where agent_id = agent.id
    ) totals
    -- What a copy shows is protected once, as the machine's own, which counts as the agent.
    cross join lateral (select case agent.kind when 'machine' then 1 else 0 end as agents) kind
    left join lateral (
      select logical_bytes * kind.agents as protected
      from recovery_point where agent_id = agent.id order by sequence desc limit 1
    ) newest on true
    left join lateral (
      select * from usage_entry where agent_id = agent.id and origin = 'measured' and at <= ${at}
      order by at desc, id desc limit 1
    ) last on true
    where ${agents} and (
      last.id is null or last.at < date_trunc('day', ${at}::timestamptz at time zone 'UTC') at time zone 'UTC'
      or (last.recovery_points, last.stored_bytes, last.protected_bytes, last.transferred_bytes, last.agents, last.is_end,
          last.tenant_id, last.repository_id, last.pairing_id)
        is distinct from (totals.points, totals.stored_bytes, coalesce(newest.protected, 0), agent.transferred_bytes,
          kind.agents, false, agent.tenant_id, agent.repository_id, agent.pairing_id)
    )`;
}
