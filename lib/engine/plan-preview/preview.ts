import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { computeStatement } from "@/lib/engine/statements/compute";
import { currencyDigits } from "@/lib/engine/statements/currency";
import { computeDrafts } from "@/lib/engine/statements/drafts";
import { notFound } from "@/lib/errors";
import type { PlanPreview, PreviewPlanInput } from "./schemas";

/** What a tenant's month would have cost with these prices; writes nothing. Throws not_found for the plan, and for a month that the tenant did not have. */
export async function previewPlan(ctx: EngineContext, input: PreviewPlanInput): Promise<PlanPreview> {
  const { id, tenantId, month, minimum, rates } = input;
  const plan = await ctx.db.prisma.pricePlan.findUnique({ where: { id }, select: { currency: true } });
  if (!plan) throw notFound("price plan");
  const [draft] = await computeDrafts(ctx.db.prisma, [{ tenantId, month }]);
  if (!draft) throw notFound("month of this tenant");
  const { currency } = plan;
  const before = draft.terms?.prices.currency;
  return {
    tenantName: draft.tenantName,
    month,
    currency,
    currencyDigits: currencyDigits(currency),
    tried: computeStatement({ ...draft.input, prices: { currency, minimum, rates } }),
    now: before ? { currency: before, currencyDigits: currencyDigits(before), total: draft.computed.total } : null,
  };
}
