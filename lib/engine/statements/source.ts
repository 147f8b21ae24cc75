import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { notFound } from "@/lib/errors";
import { Prisma } from "@/prisma/generated/client";
import { type DayRow, dayColumns, daysTable } from "./day-rows";
import { getStatement } from "./get";
import type { PrintedAgent, PrintedDay, PrintedDayTotal, PrintedPlace, PrintedUsage, StatementSource } from "./printed";

/** Rows read at once: some hundred kilobytes. */
const BATCH = 1_000;
/** A tenant of ten thousand agents has so many in a month of 31 days; more of them have their forms cut off with an error. */
const ROWS_MAX = 5_000_000;

/** Opens a statement for its forms. Throws `not_found`. */
export async function openStatement(ctx: EngineContext, { id }: { id: string }): Promise<StatementSource> {
  const statement = await getStatement(ctx, { id });
  const table = daysTable(id, statement.state === "final");
  return {
    statement,
    days: () => readDays(ctx, table),
    agents: () => readAgents(ctx, table),
    dayTotals: () => readTotals(ctx, table),
    counts: async () => {
      const [row] = await ctx.db.prisma.$queryRaw<{ days: number; agents: number }[]>`
        select count(*)::int as days, count(distinct (agent_id, repository_id))::int as agents from ${table} d`;
      if (!row) throw notFound("statement");
      return row;
    },
  };
}

async function* readDays(ctx: EngineContext, table: Prisma.Sql): AsyncGenerator<PrintedDay[]> {
  let behind = Prisma.sql`true`;
  for (let count = 0; count < ROWS_MAX; count += BATCH) {
    const rows = await ctx.db.prisma.$queryRaw<DayRow[]>`
      select ${dayColumns} from ${table} d where ${behind}
      order by d.agent_id, d.repository_id, d.day limit ${BATCH}`;
    const last = rows.at(-1);
    if (!last) return;
    yield rows.map(({ id, ...row }) => ({ ...row, ...toFigures(row) }));
    behind = Prisma.sql`(d.agent_id, d.repository_id, d.day) > (${last.agentId}::uuid, ${last.repositoryId}::uuid, ${last.day}::date)`;
  }
}

type Sums = Record<keyof PrintedUsage, string>;

const sums = Prisma.sql`sum(d.measured_seconds)::text as "measuredSeconds", sum(d.missing_seconds)::text as "missingSeconds",
  sum(d.agent_seconds)::text as "agentSeconds", sum(d.protected_byte_seconds)::text as "protectedByteSeconds",
  sum(d.stored_byte_seconds)::text as "storedByteSeconds", sum(d.transferred_bytes)::text as "transferredBytes"`;

async function* readAgents(ctx: EngineContext, table: Prisma.Sql): AsyncGenerator<PrintedAgent[]> {
  let behind = Prisma.sql`true`;
  for (let count = 0; count < ROWS_MAX; count += BATCH) {
    const rows = await ctx.db.prisma.$queryRaw<(Sums & PrintedPlace & { days: number })[]>`
      with agent as (
        select d.agent_id as "agentId", max(d.agent_name) as "agentName", d.repository_id as "repositoryId",
          max(d.repository_name) as "repositoryName", max(d.source_name) as "sourceName", count(*)::int as days,
          max(d.recovery_points_max) as "recoveryPointsMax", max(d.reported_bytes) as "reportedBytes", ${sums}
        from ${table} d group by d.agent_id, d.repository_id
      )
      select * from agent where ${behind} order by "agentName", "agentId", "repositoryId" limit ${BATCH}`;
    const last = rows.at(-1);
    if (!last) return;
    yield rows.map((row) => ({ ...row, ...toFigures(row) }));
    behind = Prisma.sql`("agentName", "agentId", "repositoryId")
      > (${last.agentName}, ${last.agentId}::uuid, ${last.repositoryId}::uuid)`;
  }
}

async function readTotals(ctx: EngineContext, table: Prisma.Sql): Promise<PrintedDayTotal[]> {
  const rows = await ctx.db.prisma.$queryRaw<(Sums & { day: string; agents: number })[]>`
    select d.day::text as day, count(distinct d.agent_id)::int as agents, ${sums} from ${table} d group by d.day order by d.day`;
  return rows.map((row) => ({ ...row, ...toFigures(row) }));
}

const toFigures = (row: Record<keyof PrintedUsage, string | number | bigint>): PrintedUsage => ({
  measuredSeconds: BigInt(row.measuredSeconds),
  missingSeconds: BigInt(row.missingSeconds),
  agentSeconds: BigInt(row.agentSeconds),
  protectedByteSeconds: BigInt(row.protectedByteSeconds),
  storedByteSeconds: BigInt(row.storedByteSeconds),
  transferredBytes: BigInt(row.transferredBytes),
});
