import { z } from "zod";

// What is counted and priced, and how its figures are written. Pure: browsers import this too.

export const METERS = ["stored", "protected", "transferred", "agents"] as const;
export const MeterName = z.enum(METERS);
export type MeterName = z.infer<typeof MeterName>;

/** Each meter's unit. 1 GB = 10^9 bytes; a month is the tenant's own, with its own number of seconds. */
export const METER_UNITS = {
  stored: "GB-month",
  protected: "GB-month",
  transferred: "GB",
  agents: "agent-month",
} as const satisfies Record<MeterName, string>;

/** A calendar day, "YYYY-MM-DD". */
export const Day = z.iso.date();
/** A calendar month, "YYYY-MM". */
export const Month = z.string().regex(/^20\d{2}-(0[1-9]|1[0-2])$/, "a month like 2026-11");
/** An exact decimal number as text, never a float: "12.5", "-0.000000001". */
export const Decimal = z.string().regex(/^-?\d{1,40}(\.\d{1,9})?$/, "a decimal number like 12.5");
/** A whole number that may be larger than 2^53, as text. */
export const Whole = z.string().regex(/^-?\d{1,40}$/);
