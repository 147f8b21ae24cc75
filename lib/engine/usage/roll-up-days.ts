import "server-only";
import type { Tx } from "@/lib/db/client";
import type { EngineContext } from "@/lib/engine/context";
import type { DaySpan, MonthSpan } from "./calendar";
import { GAP_SECONDS } from "./roll-days";

export interface DayOfMonths {
  readonly month: MonthSpan;
}

/**
 * Writes the roll-up of these days, of all tenants or of one, in a handful of statements whatever the number of agents: rollDays
 * says what they compute. In the caller's transaction, whose temporary tables it makes.
 */
export async function rollUpDays(
  tx: Tx,
  ctx: EngineContext,
  days: readonly (DaySpan & DayOfMonths)[],
  tenantId: string | null,
): Promise<void> {
  await tx.$executeRaw`drop table if exists pg_temp.roll_day, pg_temp.roll_clock, pg_temp.roll_entry`;
  await takeDays(tx, days, tenantId);
  await takeClock(tx, ctx);
  await takeEntries(tx, ctx);
  await tx.$executeRaw`analyze pg_temp.roll_day, pg_temp.roll_clock, pg_temp.roll_entry`;
  await writeDays(tx, ctx);
}

async function takeDays(tx: Tx, days: readonly (DaySpan & DayOfMonths)[], tenantId: string | null): Promise<void> {
  await tx.$executeRaw`
    create temporary table roll_day (tenant_id uuid, day date, time_zone text, begins_at timestamptz, ends_at timestamptz)
      on commit drop`;
  const wanted = days.map(({ month, ...day }) => ({
    ...day,
    month: month.month,
    timeZone: month.timeZone,
    monthBegins: month.beginsAt,
  }));
  await tx.$executeRaw`
    insert into roll_day
    select m.tenant_id, d.day, m.time_zone, d."beginsAt", d."endsAt"
    from jsonb_to_recordset(${JSON.stringify(wanted)}::jsonb) as d("month" text, "timeZone" text, "monthBegins" timestamptz,
      "day" date, "beginsAt" timestamptz, "endsAt" timestamptz)
    join usage_month m on m.month = d.month and m.time_zone = d."timeZone" and m.begins_at = d."monthBegins"
    where d."endsAt" > m.final_to and (${tenantId}::uuid is null or m.tenant_id = ${tenantId}::uuid)`;
}

/**
 * How many seconds were measured, and how many lie in gaps, up to each moment that matters: measurements, entries, ends of days.
 * What lies between two such moments is then a difference.
 */
async function takeClock(tx: Tx, ctx: EngineContext): Promise<void> {
  await tx.$executeRaw`
    create temporary table roll_clock (moment timestamptz primary key, measured bigint, missing bigint, known timestamptz)
      on commit drop`;
  await tx.$executeRaw`
    insert into roll_clock
    with edge as (select min(begins_at) as begins, max(ends_at) as ends from roll_day),
    measurement as (
      select distinct date_trunc('second', at) as moment from edge, usage_measurement
      where at <= ${ctx.now()}
        and at >= coalesce((select max(at) from usage_measurement where at <= edge.begins), '-infinity')
        and at <= coalesce((select min(at) from usage_measurement where at >= edge.ends), 'infinity')
    ), moment as (
      select moment, bool_or(is_measurement) as is_measurement from (
        select moment, true as is_measurement from measurement
        union all select begins_at, false from roll_day
        union all select ends_at, false from roll_day
        union all select date_trunc('second', e.at), false from edge, usage_entry e
          where e.origin = 'measured' and e.at < edge.ends and e.at >= edge.begins and e.at <= ${ctx.now()}
      ) every group by 1
    ), step as (
      select moment, lead(moment) over (order by moment) - moment as length,
        max(moment) filter (where is_measurement) over (order by moment) as before,
        min(moment) filter (where is_measurement)
          over (order by moment rows between 1 following and unbounded following) as behind
      from moment
    ), counted as (
      select moment, behind - before <= ${GAP_SECONDS} * interval '1 second' as is_measured,
        coalesce(extract(epoch from length), 0)::bigint as seconds
      from step
    )
    select moment,
      coalesce(sum(seconds) filter (where is_measured) over upto, 0), coalesce(sum(seconds) filter (where not is_measured) over upto, 0),
      (select max(moment) from measurement)
    from counted window upto as (order by moment rows between unbounded preceding and 1 preceding)`;
}

/**
 * The entries that count: from the UTC day of the last measurement before the first day on, in which every agent has one. With what
 * each brought to its agent's counter.
 */
async function takeEntries(tx: Tx, ctx: EngineContext): Promise<void> {
  await tx.$executeRaw`
    create temporary table roll_entry (id bigint, moment timestamptz, next_moment timestamptz, agent_id uuid, agent_name text,
      tenant_id uuid, repository_id uuid, pairing_id uuid, protected_bytes bigint, stored_bytes bigint, recovery_points int,
      agents int, is_end boolean, brought bigint) on commit drop`;
  await tx.$executeRaw`
    insert into roll_entry
    with edge as (select min(begins_at) as begins, max(ends_at) as ends from roll_day),
    entry as (
      select e.*, lead(e.at) over agent as next_at, lag(e.transferred_bytes) over agent as counter_before
      from edge, usage_entry e
      where e.origin = 'measured' and e.repository_id is not null and e.at < edge.ends and e.at <= ${ctx.now()}
        and e.at >= date_trunc('day', coalesce(
          (select max(at) from usage_measurement where at <= edge.begins), edge.begins - interval '1 day'), 'UTC')
      window agent as (partition by e.agent_id order by e.at, e.id)
    )
    select id, date_trunc('second', at), date_trunc('second', next_at), agent_id, agent_name, tenant_id, repository_id,
      pairing_id, protected_bytes, coalesce(stored_bytes, 0), recovery_points, agents, is_end,
      greatest(0, transferred_bytes - coalesce(counter_before, (
        select p.transferred_bytes from usage_entry p
        where p.agent_id = entry.agent_id and p.origin = 'measured' and (p.at, p.id) < (entry.at, entry.id)
        order by p.at desc, p.id desc limit 1), 0))
    from entry`;
}

/** One row for each agent, tenant, repository and day. What did not change is not written; what is no longer so goes. */
async function writeDays(tx: Tx, ctx: EngineContext): Promise<void> {
  await tx.$executeRaw`
    with known as (select max(known) as at from roll_clock),
    piece as (
      select e.*, d.day, d.time_zone, d.begins_at, d.ends_at,
        greatest(e.moment, d.begins_at) as piece_from, least(e.next_moment, d.ends_at, known.at) as piece_to,
        not e.is_end and greatest(e.moment, d.begins_at) < least(e.next_moment, d.ends_at) as is_there,
        coalesce(e.next_moment >= d.ends_at, true) as is_last,
        case when e.moment >= d.begins_at then e.brought else 0 end as brought_here
      from known, roll_entry e
      join roll_day d on d.tenant_id = e.tenant_id and e.moment < d.ends_at
        and (e.moment >= d.begins_at or coalesce(e.next_moment > d.begins_at, true))
      where known.at is not null
    ), timed as (
      select p.*, coalesce(until.measured - since.measured, 0) as measured, coalesce(until.missing - since.missing, 0) as missing
      from piece p
      left join roll_clock since on since.moment = p.piece_from and p.is_there and p.piece_to > p.piece_from
      left join roll_clock until on until.moment = p.piece_to and p.is_there and p.piece_to > p.piece_from
    ), rolled as materialized (
      select tenant_id, agent_id, (array_agg(agent_name order by moment desc, id desc))[1] as agent_name, repository_id,
        (array_agg(pairing_id order by moment desc, id desc))[1] as pairing_id, day, time_zone, begins_at, ends_at,
        sum(measured)::int as measured_seconds, sum(missing)::int as missing_seconds, sum(measured * agents)::int as agent_seconds,
        sum(measured::numeric * protected_bytes) as protected_byte_seconds, sum(measured::numeric * stored_bytes) as stored_byte_seconds,
        sum(brought_here)::bigint as transferred_bytes,
        coalesce(max(protected_bytes) filter (where is_there), 0) as protected_bytes_max,
        coalesce(max(stored_bytes) filter (where is_there), 0) as stored_bytes_max,
        coalesce(max(recovery_points) filter (where is_there), 0) as recovery_points_max,
        coalesce(max(protected_bytes) filter (where is_there and is_last), 0) as protected_bytes_last,
        coalesce(max(stored_bytes) filter (where is_there and is_last), 0) as stored_bytes_last,
        coalesce(max(recovery_points) filter (where is_there and is_last), 0) as recovery_points_last
      from timed group by tenant_id, agent_id, repository_id, day, time_zone, begins_at, ends_at
      having sum(measured) > 0 or sum(missing) > 0 or sum(brought_here) > 0
    ), gone as (
      delete from usage_day u using roll_day d
      where u.tenant_id = d.tenant_id and u.day = d.day and not exists (
        select 1 from rolled r where r.agent_id = u.agent_id and r.tenant_id = u.tenant_id
          and r.repository_id = u.repository_id and r.day = u.day)
    )
    insert into usage_day as u (tenant_id, agent_id, agent_name, repository_id, pairing_id, day, time_zone, begins_at, ends_at,
      measured_seconds, missing_seconds, agent_seconds, protected_byte_seconds, stored_byte_seconds, transferred_bytes,
      protected_bytes_max, stored_bytes_max, recovery_points_max, protected_bytes_last, stored_bytes_last,
      recovery_points_last, computed_at)
    select tenant_id, agent_id, agent_name, repository_id, pairing_id, day, time_zone, begins_at, ends_at,
      measured_seconds, missing_seconds, agent_seconds, protected_byte_seconds, stored_byte_seconds, transferred_bytes,
      protected_bytes_max, stored_bytes_max, recovery_points_max, protected_bytes_last, stored_bytes_last,
      recovery_points_last, ${ctx.now()} from rolled
    on conflict (agent_id, tenant_id, repository_id, day) do update set
      (agent_name, pairing_id, time_zone, begins_at, ends_at, measured_seconds, missing_seconds, agent_seconds,
        protected_byte_seconds, stored_byte_seconds, transferred_bytes, protected_bytes_max, stored_bytes_max,
        recovery_points_max, protected_bytes_last, stored_bytes_last, recovery_points_last, computed_at)
      = (excluded.agent_name, excluded.pairing_id, excluded.time_zone, excluded.begins_at, excluded.ends_at,
        excluded.measured_seconds, excluded.missing_seconds, excluded.agent_seconds, excluded.protected_byte_seconds,
        excluded.stored_byte_seconds, excluded.transferred_bytes, excluded.protected_bytes_max, excluded.stored_bytes_max,
        excluded.recovery_points_max, excluded.protected_bytes_last, excluded.stored_bytes_last,
        excluded.recovery_points_last, excluded.computed_at)
    where (u.agent_name, u.pairing_id, u.time_zone, u.begins_at, u.ends_at, u.measured_seconds, u.missing_seconds, u.agent_seconds,
        u.protected_byte_seconds, u.stored_byte_seconds, u.transferred_bytes, u.protected_bytes_max, u.stored_bytes_max,
        u.recovery_points_max, u.protected_bytes_last, u.stored_bytes_last, u.recovery_points_last)
      is distinct from (excluded.agent_name, excluded.pairing_id, excluded.time_zone, excluded.begins_at, excluded.ends_at,
        excluded.measured_seconds, excluded.missing_seconds, excluded.agent_seconds, excluded.protected_byte_seconds,
        excluded.stored_byte_seconds, excluded.transferred_bytes, excluded.protected_bytes_max, excluded.stored_bytes_max,
        excluded.recovery_points_max, excluded.protected_bytes_last, excluded.stored_bytes_last,
        excluded.recovery_points_last)`;
}
