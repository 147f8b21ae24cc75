// Decimals as texts: nothing that is charged goes through a float on its way to the screen.

const SCALE = 9;

/** "1234.5" with 2 → "1,234.50"; digits that are there are never lost. */
export function formatDecimal(value: string, digitsMin: number): string {
  const [sign, whole, rest] = partsOf(value);
  const fraction = rest.replace(/0+$/, "").padEnd(digitsMin, "0");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  return `${sign}${grouped}${fraction ? `.${fraction}` : ""}`;
}

interface Money {
  currency: string;
  currencyDigits: number;
}

/** "1,234.50 EUR" */
export const formatAmount = (value: string, { currency, currencyDigits }: Money): string =>
  `${formatDecimal(value, currencyDigits)}${currency ? ` ${currency}` : ""}`;

export const formatQuantity = (quantity: string, unit: string): string => `${formatDecimal(quantity, 2)} ${unit}`;

/** The exact sum of decimals with at most nine digits behind the dot. */
export function sumDecimals(values: readonly string[]): string {
  const sum = values.reduce((total, value) => total + toScaled(value), 0n);
  const digits = (sum < 0n ? -sum : sum).toString().padStart(SCALE + 1, "0");
  return `${sum < 0n ? "-" : ""}${digits.slice(0, -SCALE)}.${digits.slice(-SCALE)}`;
}

function toScaled(value: string): bigint {
  const [sign, whole, rest] = partsOf(value);
  const scaled = BigInt(whole + rest.slice(0, SCALE).padEnd(SCALE, "0"));
  return sign ? -scaled : scaled;
}

function partsOf(value: string): [sign: string, whole: string, rest: string] {
  const [, sign = "", whole = "0", rest = ""] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(value) ?? [];
  return [sign ? "−" : "", whole, rest];
}

/** "2026-11" → "2026-10" */
export function monthBefore(month: string): string {
  const [year = 0, number = 1] = month.split("-").map(Number);
  return number === 1 ? `${year - 1}-12` : `${year}-${String(number - 1).padStart(2, "0")}`;
}

export const monthOf = (at: Date): string => at.toISOString().slice(0, 7);

/** This month and those before it, newest first. */
export function recentMonths(now: Date, count: number): string[] {
  const months = [monthOf(now)];
  while (months.length < count) months.push(monthBefore(months.at(-1) ?? monthOf(now)));
  return months;
}
