import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { invalidInput } from "@/lib/errors";
import { Prisma } from "@/prisma/generated/client";
import type { MeterName } from "./meters";
import type { ListUsageInput, UsageGroupBy, UsageReport } from "./schemas";
import { type Cell, toReport } from "./to-report";
import { isWhose } from "./whose";

const DAY_MS = 86_400_000;
/** What a chart shows at most; the same as the ledger is kept. */
const DAYS_MAX = 400;
/** Days through which growth is looked at. */
export const GROWTH_DAYS = 30;

/** In place of the pairing of what is captured on this core. */
const NONE = "00000000-0000-0000-0000-000000000000";

const KEYS = {
  tenant: Prisma.sql`d.tenant_id`,
  agent: Prisma.sql`d.agent_id`,
  repository: Prisma.sql`d.repository_id`,
  source: Prisma.sql`coalesce(d.pairing_id, ${NONE}::uuid)`,
} as const satisfies Record<UsageGroupBy, Prisma.Sql>;

/** Of each meter: what is added up over a day, and how it stood at the day's end. */
const FIGURES = {
  stored: { counted: Prisma.sql`d.stored_byte_seconds`, last: Prisma.sql`d.stored_bytes_last` },
  protected: { counted: Prisma.sql`d.protected_byte_seconds`, last: Prisma.sql`d.protected_bytes_last` },
  transferred: { counted: Prisma.sql`d.transferred_bytes`, last: Prisma.sql`d.transferred_bytes` },
  agents: { counted: Prisma.sql`d.agent_seconds`, last: Prisma.sql`(d.agent_seconds > 0)::int` },
} as const satisfies Record<MeterName, { counted: Prisma.Sql; last: Prisma.Sql }>;

/**
 * Usage by the day, added up by tenant, agent, repository or source core: the largest groups, the others together, and all of them;
 * with the same days a month before and how it grows. Throws `invalid_input` for more than 400 days.
 */
export async function listUsage(ctx: EngineContext, input: ListUsageInput): Promise<UsageReport> {
  const days = daysBetween(input.from, input.to);
  const earliest = earlierOf(monthBefore(input.from), shifted(input.to, -(GROWTH_DAYS - 1)));
  const largest = await readLargest(ctx, input);
  const cells = await readCells(ctx, input, earliest, largest);
  const names = await readNames(ctx, input.groupBy, [...new Set(cells.map(({ key }) => key))]);
  const before = daysBetween(monthBefore(input.from), monthBefore(input.to));
  const growth = daysBetween(shifted(input.to, -(GROWTH_DAYS - 1)), input.to);
  return toReport({ input, days, before, growth, cells, names, groupsInAll: largest[0]?.groups ?? 0 });
}

interface Large {
  key: string;
  /** How many groups there are. */
  groups: number;
}

/** The groups that used most in the days that are shown. */
function readLargest(ctx: EngineContext, input: ListUsageInput): Promise<Large[]> {
  return ctx.db.prisma.$queryRaw<Large[]>`
    select key::text, (count(*) over ())::int as groups from (
      select ${KEYS[input.groupBy]} as key, sum(${FIGURES[input.meter].counted}) as counted
      from usage_day d where d.day between ${input.from}::date and ${input.to}::date and ${isWhose(input)} group by 1
    ) g order by counted desc, key limit ${input.groups}`;
}

/** Each day of these groups, and of all others as one. A day's mean is that of the longest time that was measured of the tenant's agents. */
function readCells(
  ctx: EngineContext,
  input: ListUsageInput,
  earliest: string,
  largest: readonly Large[],
): Promise<Cell[]> {
  const { counted, last } = FIGURES[input.meter];
  const value = input.meter === "transferred" ? Prisma.sql`counted` : Prisma.sql`counted / nullif(whole, 0)`;
  const keys = largest.map(({ key }) => key);
  return ctx.db.prisma.$queryRaw<Cell[]>`
    with part as (
      select d.tenant_id, d.day, l.key, sum(${counted})::numeric as counted, sum(${last})::numeric as latest,
        max(d.measured_seconds) as measured, max(d.missing_seconds) as missing
      from usage_day d left join unnest(${keys}::uuid[]) as l(key) on l.key = ${KEYS[input.groupBy]}
      where d.day between ${earliest}::date and ${input.to}::date and ${isWhose(input)} group by 1, 2, 3
    ), timed as (
      select *, max(measured) over (partition by tenant_id, day) as whole from part
    )
    select day::text as day, case key when ${NONE}::uuid then 'none' else coalesce(key::text, 'other') end as key,
      sum(coalesce(${value}, 0))::float8 as value, sum(latest)::float8 as latest, max(whole) > 0 as "isMeasured",
      max(missing)::int as missing
    from timed group by 1, 2`;
}

/** The names now, or the last ones in the roll-up for agents that are gone. */
async function readNames(
  ctx: EngineContext,
  groupBy: UsageGroupBy,
  keys: readonly string[],
): Promise<Map<string, string>> {
  const ids = keys.filter((key) => key !== "other" && key !== "none");
  const rows = await ctx.db.prisma.$queryRaw<{ id: string; name: string }[]>(namesQuery(groupBy, ids));
  return new Map(rows.map(({ id, name }) => [id, name]));
}

function namesQuery(groupBy: UsageGroupBy, ids: readonly string[]): Prisma.Sql {
  switch (groupBy) {
    case "tenant":
      return Prisma.sql`select id::text, name from tenant where id = any(${ids}::uuid[])`;
    case "repository":
      return Prisma.sql`select id::text, name from repository where id = any(${ids}::uuid[])`;
    case "source":
      return Prisma.sql`select id::text, peer_name as name from pairing where id = any(${ids}::uuid[])`;
    case "agent":
      return Prisma.sql`select distinct on (agent_id) agent_id::text as id, agent_name as name from usage_day
        where agent_id = any(${ids}::uuid[]) order by agent_id, day desc`;
    default:
      return groupBy satisfies never;
  }
}

/** Throws `invalid_input` when the last day comes before the first, or too far behind it. */
function daysBetween(from: string, to: string): string[] {
  const count = Math.round((Date.parse(to) - Date.parse(from)) / DAY_MS) + 1;
  if (count < 1) throw invalidInput("The last day comes before the first one.");
  if (count > DAYS_MAX) throw invalidInput(`At most ${DAYS_MAX} days can be shown at once.`);
  return Array.from({ length: count }, (_, place) => shifted(from, place));
}

const shifted = (day: string, days: number): string =>
  new Date(Date.parse(day) + days * DAY_MS).toISOString().slice(0, 10);

/** The same day of the month before, or its last one. */
function monthBefore(day: string): string {
  const [year = 0, month = 1, date = 1] = day.split("-").map(Number);
  const last = new Date(Date.UTC(year, month - 1, 0));
  const same = Date.UTC(last.getUTCFullYear(), last.getUTCMonth(), Math.min(date, last.getUTCDate()));
  return new Date(same).toISOString().slice(0, 10);
}

const earlierOf = (a: string, b: string): string => (a < b ? a : b);
