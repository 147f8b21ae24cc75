import "server-only";
import { Decimal } from "decimal.js";
import type { EngineContext } from "@/lib/engine/context";
import type { MeterName } from "@/lib/engine/usage/meters";
import { notFound } from "@/lib/errors";
import { Prisma } from "@/prisma/generated/client";
import { daysTable } from "./day-rows";
import { getStatement } from "./get";
import type { StatementDetail, StatementLineDetail, StatementLineId } from "./schemas";

const COUNTED = {
  stored: Prisma.sql`d.stored_byte_seconds`,
  protected: Prisma.sql`d.protected_byte_seconds`,
  transferred: Prisma.sql`d.transferred_bytes`,
  agents: Prisma.sql`d.agent_seconds`,
} as const satisfies Record<MeterName, Prisma.Sql>;

/** A line of a statement, opened to each day's part of its meter; a correction also to what its author wrote. Throws `not_found`. */
export async function getStatementLine(
  ctx: EngineContext,
  { id, position }: StatementLineId,
): Promise<StatementLineDetail> {
  const { lines, usage, isMonthOver, ...statement } = await getStatement(ctx, { id });
  const line = lines.find((one) => one.position === position);
  if (!line) throw notFound("line of this statement");
  const days = line.kind === "usage" && line.meter ? await readDays(ctx, statement, line.meter) : [];
  const correction = line.correctionId
    ? await ctx.db.prisma.usageCorrection.findUnique({ where: { id: line.correctionId } })
    : null;
  return {
    statement,
    line,
    days,
    correction: correction && {
      month: correction.month,
      reason: correction.reason,
      createdBy: correction.createdBy,
      createdAt: correction.createdAt.toISOString(),
    },
  };
}

type Of = Pick<StatementDetail, "id" | "state" | "beginsAt" | "endsAt">;

async function readDays(ctx: EngineContext, of: Of, meter: MeterName): Promise<StatementLineDetail["days"]> {
  const rows = await ctx.db.prisma.$queryRaw<{ day: string; counted: string; agents: number; missing: bigint }[]>`
    select d.day::text as day, sum(${COUNTED[meter]})::text as counted, count(distinct d.agent_id)::int as agents,
      sum(d.missing_seconds)::bigint as missing
    from ${daysTable(of.id, of.state === "final")} d group by d.day order by d.day`;
  const divisor = divisorOf(meter, (Date.parse(of.endsAt) - Date.parse(of.beginsAt)) / 1000);
  return rows.map(({ day, counted, agents, missing }) => ({
    day,
    counted,
    quantity: new Decimal(counted).div(divisor).toDecimalPlaces(9, Decimal.ROUND_HALF_UP).toFixed(),
    agents,
    missingSeconds: Number(missing),
  }));
}

function divisorOf(meter: MeterName, monthSeconds: number): Decimal {
  if (meter === "agents") return new Decimal(monthSeconds);
  return new Decimal(1_000_000_000).times(meter === "transferred" ? 1 : monthSeconds);
}
