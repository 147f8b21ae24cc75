import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { notFound } from "@/lib/errors";
import { Prisma } from "@/prisma/generated/client";
import { withRuns } from "./list";
import { type SessionRow, sessionQuery, toDivergence, toRunReport } from "./query";
import type { SessionDetail, SessionSummary } from "./schemas";

/** Older runs are history that a page does not need at once. */
const RUNS_MAX = 25;
/** An hour at one row each five seconds; a chart shows no more. */
const RATES_MAX = 720;

/** One replication session with its newest runs and the rate history of the newest. Throws `not_found`. */
export async function getSession(ctx: EngineContext, input: { id: string }): Promise<SessionDetail> {
  const { row, summary } = await find(ctx, input.id);
  const runs = await ctx.db.prisma.run.findMany({
    where: { sessionId: row.id },
    orderBy: { createdAt: "desc" },
    take: RUNS_MAX,
  });
  const rates = row.run_id
    ? await ctx.db.prisma.runRate.findMany({ where: { runId: row.run_id }, orderBy: { at: "desc" }, take: RATES_MAX })
    : [];
  return {
    ...summary,
    divergence: toDivergence(row),
    rateCapBytesPerSecond: row.rate_cap === null ? null : Number(row.rate_cap),
    runs: runs.map(toRunReport),
    rates: rates.reverse().map((rate) => ({
      at: rate.at.toISOString(),
      wireBytesPerSecond: Number(rate.wireBytesPerSecond),
      bytesPerSecond: Number(rate.bytesPerSecond),
    })),
  };
}

/** The same without history: what every action on a session answers. */
export async function getSessionSummary(ctx: EngineContext, input: { id: string }): Promise<SessionSummary> {
  return (await find(ctx, input.id)).summary;
}

async function find(ctx: EngineContext, id: string): Promise<{ row: SessionRow; summary: SessionSummary }> {
  const [row] = await ctx.db.prisma.$queryRaw<SessionRow[]>(
    sessionQuery(Prisma.sql`select s.* from replication_session s where s.id = ${id}::uuid`),
  );
  const [summary] = row ? await withRuns(ctx, [row]) : [];
  if (!row || !summary) throw notFound("replication session");
  return { row, summary };
}
