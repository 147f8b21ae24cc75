import "server-only";
import { invalidInput } from "@/lib/errors";
import { Prisma } from "@/prisma/generated/client";
import type { Field, Resource } from "./define";
import type { Comparison, Condition } from "./schemas";
import { toIdOrNull, toParameter, toParameters, toText } from "./values";

/** Deeper or larger than any client's filter; it bounds our recursion and Postgres' planner. */
const DEPTH_MAX = 10;
const CONDITIONS_MAX = 200;
/** A page of ids, asked for at once. */
const VALUES_MAX = 2_000;

const OPERATORS: Readonly<Record<Comparison, Prisma.Sql>> = {
  eq: Prisma.sql`=`,
  neq: Prisma.sql`<>`,
  gt: Prisma.sql`>`,
  gte: Prisma.sql`>=`,
  lt: Prisma.sql`<`,
  lte: Prisma.sql`<=`,
};

/** SQL of a tree of conditions; every value is a bound parameter. Throws invalid_input when it does not fit the resource. */
export function toWhere(resource: Resource, condition: Condition): Prisma.Sql {
  return write(resource, condition, { left: CONDITIONS_MAX }, 0);
}

function write(resource: Resource, condition: Condition, budget: { left: number }, depth: number): Prisma.Sql {
  budget.left -= 1;
  if (depth > DEPTH_MAX || budget.left < 0)
    throw invalidInput(`A filter has at most ${CONDITIONS_MAX} conditions, nested ${DEPTH_MAX} deep.`);
  if ("always" in condition) return condition.always ? Prisma.sql`true` : Prisma.sql`false`;
  if ("not" in condition) return Prisma.sql`not (${write(resource, condition.not, budget, depth + 1)})`;
  if ("and" in condition) return joined(resource, condition.and, " and ", budget, depth);
  if ("or" in condition) return joined(resource, condition.or, " or ", budget, depth);
  return compare(fieldOf(resource, condition.field), condition);
}

function joined(
  resource: Resource,
  parts: readonly Condition[],
  word: " and " | " or ",
  budget: { left: number },
  depth: number,
): Prisma.Sql {
  if (parts.length === 0) return word === " and " ? Prisma.sql`true` : Prisma.sql`false`;
  return Prisma.sql`(${Prisma.join(
    parts.map((part) => write(resource, part, budget, depth + 1)),
    word,
  )})`;
}

/** A field by the name that a caller gave. Only own keys count: "constructor" is no field. */
export function fieldOf(resource: Resource, name: string): Field {
  const found = Object.hasOwn(resource.fields, name) ? resource.fields[name] : undefined;
  if (!found) throw invalidInput(`There is no field "${name.slice(0, 60)}" to filter, order or select by.`);
  return found;
}

type Leaf = Extract<Condition, { field: string }>;

function compare(field: Field, leaf: Leaf): Prisma.Sql {
  if (leaf.is === "null") return Prisma.sql`${field.sql} is null`;
  if (field.type === "json") throw invalidInput(`The field "${leaf.field}" cannot be compared.`);
  if ("values" in leaf) return compareMany(field, leaf);
  if (isList(field)) throw invalidInput(`The field "${leaf.field}" is a list: ask what it contains.`);
  if (leaf.is === "ilike") return Prisma.sql`${field.sql}::text ilike ${pattern(toText(leaf.value))}::text`;
  return compareOne(field, leaf);
}

const isList = (field: Field) => field.type === "words" || field.type === "numbers";

function compareMany(field: Field, leaf: Extract<Leaf, { values: unknown }>): Prisma.Sql {
  if (leaf.values.length > VALUES_MAX) throw invalidInput(`A filter names at most ${VALUES_MAX} values.`);
  if (isList(field) === (leaf.is === "in"))
    throw invalidInput(`"${leaf.is}" does not go with "${leaf.field}": only a list contains.`);
  const values = toParameters(field.type, leaf.values, leaf.field);
  if (leaf.is === "in") return Prisma.sql`${comparable(field)} = any(${values})`;
  return leaf.is === "contains" ? Prisma.sql`${field.sql} @> ${values}` : Prisma.sql`${field.sql} <@ ${values}`;
}

function compareOne(field: Field, leaf: Extract<Leaf, { is: Comparison }>): Prisma.Sql {
  // What is no id is the id of nothing: it is not found, as another unknown one.
  if (field.type === "id" && toIdOrNull(leaf.value) === null)
    return leaf.is === "neq" ? Prisma.sql`${field.sql} is not null` : Prisma.sql`false`;
  return Prisma.sql`${comparable(field)} ${OPERATORS[leaf.is]} ${toParameter(field.type, leaf.value, leaf.field)}`;
}

/** Names ignore case, also when they order. */
export const comparable = (field: Field) => (field.type === "name" ? Prisma.sql`lower(${field.sql})` : field.sql);

/** Postgres refuses a pattern that ends in a lone backslash. */
const pattern = (text: string) => (/(^|[^\\])(\\\\)*\\$/.test(text) ? `${text}\\` : text);
