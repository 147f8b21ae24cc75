import { currencyDigits } from "@/lib/engine/statements/currency";
import { METER_UNITS } from "@/lib/engine/usage/meters";
import type { Prisma } from "@/prisma/generated/client";
import type { PlanVersion, PricePlanDetail } from "./schemas";

export const withRates = {
  rates: { orderBy: [{ meter: "asc" }, { fromQuantity: "asc" }] },
} satisfies Prisma.PricePlanVersionInclude;

type VersionRow = Prisma.PricePlanVersionGetPayload<{ include: typeof withRates }>;
type PlanRow = Prisma.PricePlanGetPayload<object>;

/** `frozenTo`: the last month of a final statement that uses the plan. */
export const toVersion = (row: VersionRow, frozenTo: string | null): PlanVersion => ({
  id: row.id,
  validFrom: row.validFrom,
  minimum: row.minimum.toFixed(),
  rates: row.rates.map(({ meter, fromQuantity, unitPrice }) => ({
    meter,
    unit: METER_UNITS[meter],
    fromQuantity: fromQuantity.toFixed(),
    unitPrice: unitPrice.toFixed(),
  })),
  isFrozen: frozenTo !== null && row.validFrom <= frozenTo,
  createdBy: row.createdBy,
  createdAt: row.createdAt.toISOString(),
});

export const toPlan = (row: PlanRow, tenants: number): Omit<PricePlanDetail, "versions"> => ({
  id: row.id,
  name: row.name,
  description: row.description,
  currency: row.currency,
  currencyDigits: currencyDigits(row.currency),
  createdAt: row.createdAt.toISOString(),
  retiredAt: row.retiredAt?.toISOString() ?? null,
  tenants,
});
