import { z } from "zod";
import { Id, Instant, PageInput, page } from "@/lib/engine/schemas";
import { Decimal, MeterName, Month } from "@/lib/engine/usage/meters";

/** More steps than a price list has. */
const RATES_MAX = 80;
/** What the database keeps: 14 digits before the point and six behind. */
const Amount = z.string().regex(/^\d{1,14}(\.\d{1,6})?$/, "a decimal number like 0.05");

/** One step of a price: from so much of a meter on, each unit costs so much. Each step covers its own part only. */
export const PriceRateInput = z.object({ meter: MeterName, fromQuantity: Amount.default("0"), unitPrice: Amount });
export type PriceRateInput = z.output<typeof PriceRateInput>;
export const PriceRate = z.object({ meter: MeterName, unit: z.string(), fromQuantity: Decimal, unitPrice: Decimal });
export type PriceRate = z.infer<typeof PriceRate>;

/** The prices of a plan from a month on. */
export const PlanVersion = z.object({
  id: Id,
  validFrom: Month,
  /** The least that a month costs, in the plan's currency. */
  minimum: Decimal,
  /** By meter, then by the quantity from which they count. A meter without a rate is not charged. */
  rates: z.array(PriceRate),
  /** A final statement uses the plan for its month or a later one: it cannot be changed. */
  isFrozen: z.boolean(),
  createdBy: z.string(),
  createdAt: Instant,
});
export type PlanVersion = z.infer<typeof PlanVersion>;

const planFields = {
  id: Id,
  name: z.string(),
  description: z.string(),
  /** ISO 4217 */
  currency: z.string(),
  /** Digits behind the point of its amounts: 2 for EUR, 0 for JPY, 3 for KWD. */
  currencyDigits: z.number().int(),
  createdAt: Instant,
  /** Since when it is offered to nobody any more; tenants that have it keep it. */
  retiredAt: Instant.nullable(),
  /** Tenants that have it in this month or from a later one on. */
  tenants: z.number().int().nonnegative(),
};

export const PricePlanSummary = z.object({
  ...planFields,
  /** The version that counts this month; null: all begin later, or there is none yet. */
  version: PlanVersion.nullable(),
});
export type PricePlanSummary = z.infer<typeof PricePlanSummary>;

/** Newest first. */
export const PricePlanDetail = z.object({ ...planFields, versions: z.array(PlanVersion) });
export type PricePlanDetail = z.infer<typeof PricePlanDetail>;

export const ListPricePlansInput = PageInput.extend({
  cursor: z.string().max(1_000).optional(),
  /** Also those that are retired. */
  retired: z.enum(["true", "false"]).default("false"),
});
export type ListPricePlansInput = z.output<typeof ListPricePlansInput>;
/** By name. */
export const PricePlanPage = page(PricePlanSummary);
export type PricePlanPage = z.infer<typeof PricePlanPage>;

const Name = z.string().trim().min(1).max(128);
const Description = z.string().trim().max(1_000);

export const CreatePricePlanInput = z.object({
  name: Name,
  description: Description.default(""),
  /** ISO 4217, as "EUR". It does not change any more. */
  currency: z.string().regex(/^[A-Z]{3}$/, "three capital letters as EUR"),
});
export type CreatePricePlanInput = z.output<typeof CreatePricePlanInput>;

export const UpdatePricePlanInput = z.object({
  id: Id,
  name: Name.optional(),
  description: Description.optional(),
  /** true: offer it to nobody any more; false: offer it again. */
  isRetired: z.boolean().optional(),
});
export type UpdatePricePlanInput = z.output<typeof UpdatePricePlanInput>;

/** Sets the prices that count from a month on, replacing those of the same month. */
export const SetPlanVersionInput = z.object({
  id: Id,
  validFrom: Month,
  minimum: Amount.default("0"),
  /** The first step of each meter begins at 0. */
  rates: z.array(PriceRateInput).max(RATES_MAX),
});
export type SetPlanVersionInput = z.output<typeof SetPlanVersionInput>;
export const PlanVersionId = z.object({ id: Id, validFrom: Month });
export type PlanVersionId = z.output<typeof PlanVersionId>;

/** The plan of a tenant from a month on. */
export const TenantPlan = z.object({
  tenantId: Id,
  validFrom: Month,
  planId: Id,
  planName: z.string(),
  currency: z.string(),
  /** A statement of its month or a later one is final: it cannot be changed. */
  isFrozen: z.boolean(),
  createdBy: z.string(),
  createdAt: Instant,
});
export type TenantPlan = z.infer<typeof TenantPlan>;
/** Newest first; `current` counts this month. */
export const TenantPlans = z.object({ plans: z.array(TenantPlan), current: TenantPlan.nullable() });
export type TenantPlans = z.infer<typeof TenantPlans>;
export const AssignPlanInput = z.object({ tenantId: Id, validFrom: Month, planId: Id });
export type AssignPlanInput = z.output<typeof AssignPlanInput>;
export const TenantPlanId = z.object({ tenantId: Id, validFrom: Month });
export type TenantPlanId = z.output<typeof TenantPlanId>;
