import { z } from "zod";
import { SetPlanVersionInput } from "@/lib/engine/price-plans/schemas";
import { Id } from "@/lib/engine/schemas";
import { ComputedStatement } from "@/lib/engine/statements/schemas";
import { Decimal, Month } from "@/lib/engine/usage/meters";

/** Prices that nobody has set yet, and a tenant's month to try them on. */
export const PreviewPlanInput = SetPlanVersionInput.omit({ validFrom: true }).extend({ tenantId: Id, month: Month });
export type PreviewPlanInput = z.output<typeof PreviewPlanInput>;

export const PlanPreview = z.object({
  tenantName: z.string(),
  month: Month,
  /** Of the plan. */
  currency: z.string(),
  currencyDigits: z.number().int(),
  /** What the month would have come to. */
  tried: ComputedStatement,
  /** What it comes to with the prices that hold; null: it has none. */
  now: z.object({ currency: z.string(), currencyDigits: z.number().int(), total: Decimal }).nullable(),
});
export type PlanPreview = z.infer<typeof PlanPreview>;
