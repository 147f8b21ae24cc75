import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { secondsOf } from "@/lib/engine/usage/calendar";
import { notFound } from "@/lib/errors";
import type { Prisma } from "@/prisma/generated/client";
import { computeStatement } from "./compute";
import { toLine, toSummary, withPlan } from "./convert";
import { NOTHING } from "./counted";
import { currencyDigits } from "./currency";
import { countDays } from "./day-rows";
import { computeDrafts } from "./drafts";
import type { StatementDetail, StatementSummary } from "./schemas";

type Row = Prisma.StatementGetPayload<{ include: typeof withPlan }>;

/** A statement with its lines. A draft is computed as of now, from the same days that it opens to; a final one is as it was frozen. Throws `not_found`. */
export async function getStatement(ctx: EngineContext, { id }: { id: string }): Promise<StatementDetail> {
  const row = await ctx.db.prisma.statement.findUnique({ where: { id }, include: withPlan });
  if (!row) throw notFound("statement");
  return row.state === "final" ? readFinal(ctx, row) : computeDraft(ctx, row);
}

/** The statement without its lines, a draft as of now. Throws `not_found`. */
export async function getStatementSummary(ctx: EngineContext, input: { id: string }): Promise<StatementSummary> {
  const { lines, usage, isMonthOver, ...summary } = await getStatement(ctx, input);
  return summary;
}

async function readFinal(ctx: EngineContext, row: Row): Promise<StatementDetail> {
  const [lines, usage] = await Promise.all([
    ctx.db.prisma.statementLine.findMany({ where: { statementId: row.id }, orderBy: { position: "asc" } }),
    countDays(ctx, row.id),
  ]);
  // What was used is counted again from the frozen days; it comes to what the lines say.
  const counted = computeStatement({
    month: row.month,
    monthSeconds: secondsOf(row),
    usage,
    corrections: [],
    prices: null,
  });
  const frozen = lines.map((line) => toLine(line, row.currency));
  return { ...toSummary(row), usage: counted.usage, lines: frozen, isMonthOver: true };
}

async function computeDraft(ctx: EngineContext, row: Row): Promise<StatementDetail> {
  const [draft] = await computeDrafts(ctx.db.prisma, [row]);
  const kept = toSummary(row);
  const input = { month: row.month, monthSeconds: secondsOf(row), usage: NOTHING, corrections: [], prices: null };
  const computed = draft?.computed ?? computeStatement(input);
  const { lines, usage, total, missingHours } = computed;
  return {
    ...kept,
    planId: draft?.terms?.planId ?? null,
    planName: draft?.terms?.planName ?? "",
    currency: draft?.terms?.prices.currency ?? "",
    currencyDigits: currencyDigits(draft?.terms?.prices.currency ?? ""),
    tenantName: draft?.tenantName ?? kept.tenantName,
    customerId: draft?.customerId ?? kept.customerId,
    lines,
    usage,
    total,
    missingHours,
    computedAt: ctx.now().toISOString(),
    isMonthOver: row.endsAt <= ctx.now(),
  };
}
