import { Decimal as DecimalJs } from "decimal.js";
import { METER_UNITS, METERS, type MeterName } from "@/lib/engine/usage/meters";
import { currencyDigits } from "./currency";
import type { ComputedStatement, MeterUsage, StatementLine } from "./schemas";

// What a month costs. Pure and exact: README.md has the formulas.

/** Enough for byte-seconds of exabytes over a month, to nine places, with the default rounding half away from zero. */
const Decimal = DecimalJs.clone({ precision: 60, rounding: DecimalJs.ROUND_HALF_UP, toExpNeg: -30, toExpPos: 60 });
type Decimal = DecimalJs;

const GB = new Decimal(1_000_000_000);
/** Places of a quantity. */
const QUANTITY_PLACES = 9;

/** What was counted of a tenant in a month: sums of its days. */
export interface CountedUsage {
  readonly storedByteSeconds: bigint;
  readonly protectedByteSeconds: bigint;
  readonly transferredBytes: bigint;
  readonly agentSeconds: bigint;
  readonly missingSeconds: bigint;
}

export interface Rate {
  readonly meter: MeterName;
  readonly fromQuantity: string;
  readonly unitPrice: string;
}

/** The prices of a month. */
export interface Prices {
  readonly currency: string;
  readonly minimum: string;
  readonly rates: readonly Rate[];
}

/** A correction that a statement charges. */
export interface ChargedCorrection {
  readonly id: string;
  readonly meter: MeterName;
  readonly month: string;
  readonly quantity: string;
  readonly reason: string;
  /** Of a month that was final already: its prices, and what was charged of the meter then, with earlier corrections. */
  readonly late: { readonly prices: Prices | null; readonly charged: string } | null;
}

export interface StatementInput {
  readonly month: string;
  /** How long the month is in the tenant's time zone. */
  readonly monthSeconds: number;
  readonly usage: CountedUsage;
  /** In the order in which they were made. */
  readonly corrections: readonly ChargedCorrection[];
  /** null: usage without prices. */
  readonly prices: Prices | null;
}

type Line = Omit<StatementLine, "position">;

/** The lines, the total and the usage of a month. The total is the sum of the lines, each rounded to the currency's smallest unit. */
export function computeStatement(input: StatementInput): ComputedStatement {
  const { prices, corrections } = input;
  const usage = METERS.map((meter) => measureMeter(meter, input));
  const charged = new Map(usage.map(({ meter, quantity }) => [meter, new Decimal(quantity)]));
  const own = usage.flatMap((of) => usageLines(of, prices));
  for (const correction of corrections) {
    if (correction.late) continue;
    const from = charged.get(correction.meter) ?? new Decimal(0);
    const to = from.plus(correction.quantity);
    charged.set(correction.meter, to);
    own.push(...correctionLines(correction, from, to, prices));
  }
  const late = lateCorrectionLines(corrections, prices);
  const lines = [...own, ...minimumLine(own, prices), ...late];
  return {
    lines: lines.map((line, place) => ({ position: place + 1, ...line })),
    usage,
    total: toMoney(sumOf(lines), prices?.currency ?? ""),
    missingHours: toText(new Decimal(input.usage.missingSeconds.toString()).div(3600).toDecimalPlaces(3)),
  };
}

function measureMeter(meter: MeterName, { usage, monthSeconds }: StatementInput): MeterUsage {
  const unit = METER_UNITS[meter];
  const place = (numerator: bigint, divisor: Decimal) =>
    toText(new Decimal(numerator.toString()).div(divisor).toDecimalPlaces(QUANTITY_PLACES));
  switch (meter) {
    case "stored":
    case "protected": {
      const counted = meter === "stored" ? usage.storedByteSeconds : usage.protectedByteSeconds;
      const quantity = place(counted, GB.times(monthSeconds));
      return {
        meter,
        quantity,
        unit,
        formula: `${counted} byte-seconds ÷ (10^9 × ${monthSeconds} s) = ${quantity} ${unit}s`,
      };
    }
    case "transferred": {
      const quantity = place(usage.transferredBytes, GB);
      return { meter, quantity, unit, formula: `${usage.transferredBytes} bytes ÷ 10^9 = ${quantity} ${unit}` };
    }
    case "agents": {
      const quantity = place(usage.agentSeconds, new Decimal(monthSeconds));
      const formula = `${usage.agentSeconds} agent-seconds ÷ ${monthSeconds} s = ${quantity} ${unit}s`;
      return { meter, quantity, unit, formula };
    }
    default:
      return meter satisfies never;
  }
}

const NAMES = {
  stored: "Stored",
  protected: "Protected",
  transferred: "Transferred",
  agents: "Agents",
} as const satisfies Record<MeterName, string>;

/** One line for each step of the price that the quantity reaches; without prices one line; none for a meter that has no price. */
function usageLines({ meter, quantity, unit, formula }: MeterUsage, prices: Prices | null): Line[] {
  const to = new Decimal(quantity);
  const base = { kind: "usage" as const, meter, unit, correctionId: null };
  if (!prices) {
    const amount = { unitPrice: "0", amount: toMoney(new Decimal(0), "") };
    return [{ ...base, ...amount, description: NAMES[meter], quantity, formula: `${formula}; without a price` }];
  }
  return stepsBetween(new Decimal(0), to, stepsOf(meter, prices)).map(({ step, part }) => {
    const priced = priceOf(part, step, prices);
    const share = step.isWhole ? "" : `; of it ${step.words(unit)}: ${toText(part)}`;
    return {
      ...base,
      ...priced,
      description: step.isWhole ? NAMES[meter] : `${NAMES[meter]}, ${step.words(unit)}`,
      formula: `${formula}${share}; ${sumInWords(part, priced, prices)}`,
    };
  });
}

/** A correction moves the quantity from one place in the steps of the price to another: each step that it crosses is a line. */
function correctionLines(correction: ChargedCorrection, from: Decimal, to: Decimal, prices: Prices | null): Line[] {
  const { id, meter, month, quantity, reason } = correction;
  const unit = METER_UNITS[meter];
  const description = `Correction of ${month}, ${NAMES[meter].toLowerCase()}: ${reason}`;
  const base = { kind: "correction" as const, meter, unit, description, correctionId: id };
  const moved = `${toText(from)} ${signed(quantity)} = ${toText(to)} ${unit}`;
  const steps = prices ? stepsOf(meter, prices) : [];
  if (!prices || steps.length === 0) {
    const words = `${moved}; ${prices ? "this meter has no price" : "without a price"}`;
    const amount = toMoney(new Decimal(0), prices?.currency ?? "");
    return [{ ...base, quantity: toText(new Decimal(quantity)), unitPrice: "0", amount, formula: words }];
  }
  return stepsBetween(from, to, steps).map(({ step, part }) => {
    const priced = priceOf(part, step, prices);
    const share = step.isWhole ? "" : `; of the difference ${step.words(unit)}: ${toText(part)}`;
    return { ...base, ...priced, formula: `${moved}${share}; ${sumInWords(part, priced, prices)}` };
  });
}

/**
 * Corrections of months that are final: at that month's prices, from what was charged then and by the corrections before. Amounts
 * are in this statement's currency.
 */
function lateCorrectionLines(corrections: readonly ChargedCorrection[], prices: Prices | null): Line[] {
  const reached = new Map<string, Decimal>();
  return corrections.flatMap((correction) => {
    if (!correction.late) return [];
    const place = `${correction.month} ${correction.meter}`;
    const from = reached.get(place) ?? new Decimal(correction.late.charged);
    const to = from.plus(correction.quantity);
    reached.set(place, to);
    const before = correction.late.prices;
    // Prices in another currency say nothing in this one.
    const isSame = before?.currency === prices?.currency;
    return correctionLines(correction, from, to, isSame ? before : prices);
  });
}

/** What is missing to the least that a month costs; late corrections belong to other months. */
function minimumLine(lines: readonly Line[], prices: Prices | null): Line[] {
  if (!prices) return [];
  const minimum = roundMoney(new Decimal(prices.minimum), prices.currency);
  const sum = sumOf(lines);
  if (minimum.lte(sum) || minimum.isZero()) return [];
  const amount = toMoney(minimum.minus(sum), prices.currency);
  const money = (value: Decimal) => `${toMoney(value, prices.currency)} ${prices.currency}`;
  return [
    {
      kind: "minimum",
      meter: null,
      description: "Up to the minimum of a month",
      quantity: "1",
      unit: "month",
      unitPrice: amount,
      amount,
      formula: `minimum ${money(minimum)} − lines of this month ${money(sum)} = ${amount} ${prices.currency}`,
      correctionId: null,
    },
  ];
}

interface Step {
  readonly from: Decimal;
  /** null: it has no end. */
  readonly to: Decimal | null;
  readonly unitPrice: Decimal;
  /** The only one. */
  readonly isWhole: boolean;
  words(unit: string): string;
}

function stepsOf(meter: MeterName, { rates }: Prices): Step[] {
  const own = rates
    .filter((rate) => rate.meter === meter)
    .map((rate) => ({ from: new Decimal(rate.fromQuantity), unitPrice: new Decimal(rate.unitPrice) }))
    .sort((a, b) => a.from.comparedTo(b.from));
  return own.map(({ from, unitPrice }, place) => {
    const to = own[place + 1]?.from ?? null;
    const isWhole = own.length === 1;
    const words = (unit: string) =>
      to ? `${toText(from)} to ${toText(to)} ${unit}` : isWhole ? unit : `from ${toText(from)} ${unit}`;
    return { from, to, unitPrice, isWhole, words };
  });
}

/**
 * The parts of a quantity's way from one place to another, by step; negative when it goes down. The first step covers what lies
 * below nothing, too: more was taken away than was used. It has a line also when its part is nothing.
 */
function stepsBetween(from: Decimal, to: Decimal, steps: readonly Step[]): { step: Step; part: Decimal }[] {
  return steps.flatMap((step, place) => {
    const clip = (value: Decimal) => {
      const above = place === 0 ? value : Decimal.max(value, step.from);
      return step.to ? Decimal.min(above, step.to) : above;
    };
    const part = clip(to).minus(clip(from));
    const isShown = !part.isZero() || (place === 0 && from.eq(to));
    return isShown ? [{ step, part }] : [];
  });
}

function priceOf(part: Decimal, { unitPrice }: Step, { currency }: Prices) {
  return {
    quantity: toText(part),
    unitPrice: toText(unitPrice),
    amount: toMoney(part.times(unitPrice), currency),
  };
}

const sumInWords = (part: Decimal, priced: { unitPrice: string; amount: string }, { currency }: Prices): string =>
  `${toText(part)} × ${priced.unitPrice} ${currency} = ${priced.amount} ${currency}`;

const signed = (quantity: string): string => (quantity.startsWith("-") ? `− ${quantity.slice(1)}` : `+ ${quantity}`);

const sumOf = (lines: readonly Pick<Line, "amount">[]): Decimal =>
  lines.reduce((sum, { amount }) => sum.plus(amount), new Decimal(0));

const roundMoney = (value: Decimal, currency: string): Decimal => value.toDecimalPlaces(currencyDigits(currency));
const toMoney = (value: Decimal, currency: string): string =>
  withoutSign(roundMoney(value, currency).toFixed(currencyDigits(currency)));
const toText = (value: Decimal): string => withoutSign(value.toFixed());
/** Nothing has no sign. */
const withoutSign = (text: string): string => (/^-0(\.0+)?$/.test(text) ? text.slice(1) : text);
