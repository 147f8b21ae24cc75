import "server-only";
import { invalidInput } from "@/lib/errors";
import { Prisma } from "@/prisma/generated/client";
import type { FieldType } from "./define";
import type { CatalogValue } from "./schemas";

const TEXT_MAX = 4_000;
const ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
// Date or date and time, with a zone or in UTC: what else JavaScript would guess at is refused.
const INSTANT = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)?)?$/i;

/** One bound value of a field's type. Throws invalid_input when it is none. */
export function toParameter(type: FieldType, value: CatalogValue, name: string): Prisma.Sql {
  switch (type) {
    case "id":
      return Prisma.sql`${toIdOrNull(value)}::uuid`;
    case "name":
      return Prisma.sql`lower(${toText(value)}::text)`;
    case "integer":
      return Prisma.sql`${toInteger(value, name)}::bigint`;
    case "boolean":
      return Prisma.sql`${toBoolean(value, name)}::boolean`;
    case "instant":
      return Prisma.sql`${toInstant(value, name)}::timestamptz`;
    default:
      return Prisma.sql`${toText(value)}::text`;
  }
}

/** A bound list of values of a field's type. */
export function toParameters(type: FieldType, values: readonly CatalogValue[], name: string): Prisma.Sql {
  switch (type) {
    case "id":
      return Prisma.sql`${values.flatMap((value) => toIdOrNull(value) ?? [])}::uuid[]`;
    case "name":
      return Prisma.sql`array(select lower(one) from unnest(${values.map(toText)}::text[]) one)`;
    case "integer":
      return Prisma.sql`${values.map((value) => toInteger(value, name).toString())}::bigint[]`;
    case "numbers":
      return Prisma.sql`${values.map((value) => Number(BigInt.asIntN(32, toInteger(value, name))))}::int[]`;
    case "boolean":
      return Prisma.sql`${values.map((value) => toBoolean(value, name))}::boolean[]`;
    case "instant":
      return Prisma.sql`${values.map((value) => toInstant(value, name))}::timestamptz[]`;
    default:
      return Prisma.sql`${values.map(toText)}::text[]`;
  }
}

/** null: it is no id of anything. */
export function toIdOrNull(value: CatalogValue): string | null {
  return typeof value === "string" && ID.test(value) ? value.toLowerCase() : null;
}

export function toText(value: CatalogValue): string {
  const text = String(value);
  if (text.length > TEXT_MAX || text.includes("\0"))
    throw invalidInput(`A value to compare with has at most ${TEXT_MAX} characters, and never U+0000.`);
  return text;
}

const INT8_MAX = 2n ** 63n - 1n;

function toInteger(value: CatalogValue, name: string): bigint {
  const text = String(value);
  const whole = /^[+-]?\d{1,19}$/.test(text) ? BigInt(text) : null;
  if (whole === null || whole > INT8_MAX || whole < -INT8_MAX)
    throw invalidInput(`"${name}" is compared with a whole number.`);
  return whole;
}

function toBoolean(value: CatalogValue, name: string): boolean {
  const text = String(value).toLowerCase();
  if (text !== "true" && text !== "false") throw invalidInput(`"${name}" is compared with true or false.`);
  return text === "true";
}

function toInstant(value: CatalogValue, name: string): Date {
  const text = String(value);
  const zoned = /(?:Z|[+-]\d\d:?\d\d)$/i.test(text) || text.length === 10 ? text : `${text}Z`;
  const instant = INSTANT.test(text) ? new Date(zoned.replace(" ", "T")) : new Date(Number.NaN);
  if (Number.isNaN(instant.getTime()))
    throw invalidInput(`"${name}" is compared with a moment as 2026-01-31T12:00:00Z.`);
  return instant;
}
