import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { Prisma } from "@/prisma/generated/client";
import type { UsagePoint } from "./predict";
import type { QuotaMeter } from "./schemas";

const DAYS = 30;
const DAY_MS = 86_400_000;
const ROLLED_MIN = 3;

interface Row {
  id: string;
  at: Date;
  stored: bigint;
  protected: bigint;
}

export type History = Readonly<Record<QuotaMeter, readonly UsagePoint[]>>;

/**
 * What these tenants or agents used at the end of each of the last 30 days, by the ledger as it is rolled up. As long as that has less
 * than three days of one, by the samples of the agents that are here: one that has none on a day is as it was the day before.
 */
export async function readHistory(
  ctx: EngineContext,
  of: "tenant" | "agent",
  ids: readonly string[],
): Promise<Map<string, History>> {
  if (ids.length === 0) return new Map();
  const rolled = byId(await readRolled(ctx, of, ids));
  const young = ids.filter((id) => (rolled.get(id)?.stored.length ?? 0) < ROLLED_MIN);
  if (young.length === 0) return rolled;
  return new Map([...rolled, ...byId(await readSamples(ctx, of, young))]);
}

function readRolled(ctx: EngineContext, of: "tenant" | "agent", ids: readonly string[]): Promise<Row[]> {
  const key = of === "tenant" ? Prisma.sql`tenant_id` : Prisma.sql`agent_id`;
  return ctx.db.prisma.$queryRaw<Row[]>`
    select ${key} as id, max(ends_at) as at, sum(stored_bytes_last)::bigint as stored, sum(protected_bytes_last)::bigint as protected
    from usage_day
    where ${key} = any(${[...ids]}::uuid[]) and day >= (${since(ctx)}::timestamptz at time zone 'UTC')::date and ends_at <= ${ctx.now()}
    group by ${key}, day order by 1, 2`;
}

function readSamples(ctx: EngineContext, of: "tenant" | "agent", ids: readonly string[]): Promise<Row[]> {
  const key = of === "tenant" ? Prisma.sql`a.tenant_id` : Prisma.sql`a.id`;
  return ctx.db.prisma.$queryRaw<Row[]>`
    with chosen as (select a.id as agent_id, ${key} as id from agent a where ${key} = any(${[...ids]}::uuid[])),
    samples as (
      select c.id, c.agent_id, e.at, (e.at at time zone 'UTC')::date as day, coalesce(e.stored_bytes, 0) as stored, e.protected_bytes as protected
      from chosen c join usage_entry e on e.agent_id = c.agent_id and e.origin = 'measured' and e.at >= ${since(ctx)} and e.at <= ${ctx.now()}
      union all
      select c.id, c.agent_id, before.at, (${since(ctx)}::timestamptz at time zone 'UTC')::date - 1, coalesce(before.stored_bytes, 0), before.protected_bytes
      from chosen c cross join lateral (
        select at, stored_bytes, protected_bytes from usage_entry
        where agent_id = c.agent_id and origin = 'measured' and at < ${since(ctx)} order by at desc limit 1
      ) before
    ), last as (
      select distinct on (agent_id, day) id, agent_id, day, stored, protected from samples order by agent_id, day, at desc
    ), steps as (
      select id, day, stored - lag(stored, 1, 0) over by_agent as stored, protected - lag(protected, 1, 0) over by_agent as protected
      from last window by_agent as (partition by agent_id order by day)
    ), days as (select id, day, sum(stored) as stored, sum(protected) as protected from steps group by id, day)
    select id, (day + 1)::timestamp at time zone 'UTC' as at, (sum(stored) over by_day)::bigint as stored,
      (sum(protected) over by_day)::bigint as protected
    from days where day < (${ctx.now()}::timestamptz at time zone 'UTC')::date
    window by_day as (partition by id order by day) order by 1, 2`;
}

const since = (ctx: EngineContext): Date => new Date(ctx.now().getTime() - DAYS * DAY_MS);

function byId(rows: readonly Row[]): Map<string, History> {
  const found = new Map<string, { stored: UsagePoint[]; protected: UsagePoint[] }>();
  for (const { id, at, stored, protected: bytes } of rows) {
    const history = found.get(id) ?? { stored: [], protected: [] };
    history.stored.push({ at, bytes: Number(stored) });
    history.protected.push({ at, bytes: Number(bytes) });
    found.set(id, history);
  }
  return found;
}
