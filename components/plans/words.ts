import { formatDecimal } from "@/components/statements/figures";
import { METER_WORDS } from "@/components/usage/words";
import type { PlanVersion } from "@/lib/engine/price-plans/schemas";
import { METERS } from "@/lib/engine/usage/schemas";

/** The prices of a version, a line for each meter: "Stored: 0.05 EUR per GB-month, from 1,000 on 0.04". */
export function priceLines({ rates, minimum }: Pick<PlanVersion, "rates" | "minimum">, currency: string): string[] {
  const lines = METERS.flatMap((meter) => {
    const steps = rates.filter((rate) => rate.meter === meter);
    const [first, ...later] = steps;
    if (!first) return [];
    const more = later.map(
      (rate) => `, from ${formatDecimal(rate.fromQuantity, 0)} on ${formatDecimal(rate.unitPrice, 2)}`,
    );
    return [
      `${METER_WORDS[meter].label}: ${formatDecimal(first.unitPrice, 2)} ${currency} per ${first.unit}${more.join("")}`,
    ];
  });
  return Number(minimum) > 0 ? [...lines, `At least ${formatDecimal(minimum, 2)} ${currency} a month`] : lines;
}
