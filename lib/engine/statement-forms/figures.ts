import { Decimal } from "decimal.js";
import type { PrintedStatement } from "@/lib/engine/statements/printed";

/** As many digits as a line's quantity has. */
const QUANTITY_DIGITS = 9;
/** 1 GB = 10^9 bytes, as statements say. */
const BYTES_PER_GB = 1_000_000_000;

// Byte-seconds of a large tenant have more digits than the default keeps.
const Exact = Decimal.clone({ precision: 80, rounding: Decimal.ROUND_HALF_UP, toExpNeg: -40, toExpPos: 60 });

const exact = (value: string | number | bigint) => new Exact(value.toString());

/** How long the month of a statement is; 28 to 31 days, an hour more or less when clocks change. */
export const monthSeconds = ({ beginsAt, endsAt }: Pick<PrintedStatement, "beginsAt" | "endsAt">): number =>
  (Date.parse(endsAt) - Date.parse(beginsAt)) / 1000;

/** Bytes × seconds as GB-months of a month that long. */
export const toGbMonths = (byteSeconds: bigint, seconds: number): string =>
  exact(byteSeconds).div(BYTES_PER_GB).div(seconds).toFixed(QUANTITY_DIGITS);

export const toGb = (bytes: bigint): string => exact(bytes).div(BYTES_PER_GB).toFixed(QUANTITY_DIGITS);

export const toAgentMonths = (agentSeconds: bigint, seconds: number): string =>
  exact(agentSeconds).div(seconds).toFixed(QUANTITY_DIGITS);

export const toHours = (seconds: bigint): string => exact(seconds).div(3600).toFixed(3);

/** An amount with the digits of its currency, or all it has if it has more: "12.50", "1200", "0.000125". */
export const toAmount = (value: string, { currencyDigits }: Money): string =>
  exact(value).toFixed(digitsOf(value, currencyDigits));

type Money = Pick<PrintedStatement, "currencyDigits">;

const digitsOf = (value: string, least: number) => Math.max(least, exact(value).decimalPlaces());

/** Without zeros at the end: "0.120000" → "0.12". */
export const plain = (value: string): string => exact(value).toFixed();

/** For people to read: thousands apart, and `digits` behind the dot. */
export function readable(value: string, digits: number): string {
  const [whole = "0", rest] = exact(value).toFixed(digits).split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  return rest === undefined ? grouped : `${grouped}.${rest}`;
}

/** An amount for people: "1,234.50". */
export const readableAmount = (value: string, { currencyDigits }: Money): string =>
  readable(value, digitsOf(value, currencyDigits));

/** A quantity or a price for people: at least two digits behind the dot, and none of its own lost. */
export const readableFigure = (value: string): string => readable(value, digitsOf(value, 2));
