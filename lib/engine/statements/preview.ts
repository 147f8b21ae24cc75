import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { monthAt } from "@/lib/engine/usage/calendar";
import { notFound } from "@/lib/errors";
import { type CountedUsage, computeStatement } from "./compute";
import { currencyDigits } from "./currency";
import { computeDrafts, type Draft } from "./drafts";
import { extrapolate, RECENT_DAYS } from "./forecast";
import type { ComputedStatement, PreviewStatementInput, StatementPreview } from "./schemas";

/**
 * A tenant's month as it would be billed now, and a forecast of the whole of it: what is left at the mean of the last seven days.
 * Throws `not_found` for a tenant that there is not, and for a month that it has not.
 */
export async function previewStatement(ctx: EngineContext, input: PreviewStatementInput): Promise<StatementPreview> {
  const { tenantId } = input;
  const tenant = await ctx.db.prisma.tenant.findUnique({ where: { id: tenantId }, select: { timeZone: true } });
  if (!tenant) throw notFound("tenant");
  const month = input.month ?? (await monthNow(ctx, tenantId)) ?? monthAt(tenant.timeZone, ctx.now());
  const [draft] = await computeDrafts(ctx.db.prisma, [{ tenantId, month }]);
  if (!draft) throw notFound("month of this tenant");
  const measuredTo = await measuredUpTo(ctx, draft);
  const currency = draft.terms?.prices.currency ?? "";
  return {
    tenantId,
    tenantName: draft.tenantName,
    month,
    timeZone: draft.timeZone,
    beginsAt: draft.beginsAt.toISOString(),
    endsAt: draft.endsAt.toISOString(),
    measuredTo: measuredTo.toISOString(),
    planId: draft.terms?.planId ?? null,
    planName: draft.terms?.planName ?? "",
    currency,
    currencyDigits: currencyDigits(currency),
    toDate: draft.computed,
    forecast: await forecast(ctx, draft, measuredTo),
  };
}

/** The month that goes on now: it keeps the time zone with which it began. null: it was not begun yet. */
async function monthNow(ctx: EngineContext, tenantId: string): Promise<string | null> {
  const at = ctx.now();
  const where = { tenantId, beginsAt: { lte: at }, endsAt: { gt: at } };
  return (await ctx.db.prisma.usageMonth.findFirst({ where, select: { month: true } }))?.month ?? null;
}

/** The last measurement of the month; its beginning when there is none. */
async function measuredUpTo(ctx: EngineContext, { beginsAt, endsAt }: Draft): Promise<Date> {
  const { _max } = await ctx.db.prisma.usageMeasurement.aggregate({
    where: { at: { gte: beginsAt, lte: ctx.now() } },
    _max: { at: true },
  });
  if (!_max.at) return beginsAt;
  return _max.at < endsAt ? _max.at : endsAt;
}

async function forecast(ctx: EngineContext, draft: Draft, measuredTo: Date): Promise<ComputedStatement | null> {
  const recent = await countRecent(ctx, draft.tenantId, measuredTo);
  if (!recent || measuredTo >= draft.endsAt) return null;
  const remainingSeconds = Math.round((draft.endsAt.getTime() - measuredTo.getTime()) / 1000);
  const usage = extrapolate(draft.usage, recent, remainingSeconds);
  return computeStatement({ ...draft.input, usage });
}

interface Recent {
  begins: Date | null;
  stored: string | null;
  protected: string | null;
  transferred: string | null;
  agents: string | null;
}

/** What was counted in the last days, and in how many seconds. null: nothing. */
async function countRecent(
  ctx: EngineContext,
  tenantId: string,
  to: Date,
): Promise<{ usage: Omit<CountedUsage, "missingSeconds">; seconds: number } | null> {
  const from = new Date(to.getTime() - RECENT_DAYS * 86_400_000);
  const [row] = await ctx.db.prisma.$queryRaw<Recent[]>`
    select min(begins_at) as begins, sum(stored_byte_seconds)::text as stored, sum(protected_byte_seconds)::text as protected,
      sum(transferred_bytes)::text as transferred, sum(agent_seconds)::text as agents
    from usage_day where tenant_id = ${tenantId}::uuid and begins_at >= ${from} and begins_at < ${to}`;
  const seconds = row?.begins ? Math.round((to.getTime() - row.begins.getTime()) / 1000) : 0;
  if (!row || seconds <= 0) return null;
  const usage = {
    storedByteSeconds: BigInt(row.stored ?? 0),
    protectedByteSeconds: BigInt(row.protected ?? 0),
    transferredBytes: BigInt(row.transferred ?? 0),
    agentSeconds: BigInt(row.agents ?? 0),
  };
  return { usage, seconds };
}
