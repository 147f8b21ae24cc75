import type { CatalogResource, CatalogRow, Condition, RelationInput } from "@/lib/engine/catalog/schemas";
import type { WireComparison } from "../query/filter";
import { badQuery } from "../query/refusal";
import { localized } from "./words";

/** What properties may depend on besides their row. */
export interface Around {
  readonly now: Date;
  /** How the client reaches this core: host without port. */
  readonly host: string;
}

/** A property of this API over the engine's fields. */
export interface Column {
  /** The catalog's fields and relations that it is made of. */
  readonly fields?: readonly string[];
  readonly relations?: readonly RelationInput[];
  readonly read: (row: CatalogRow, around: Around) => unknown;
  /** Absent: the property cannot be filtered by. */
  readonly filter?: (comparison: WireComparison) => Condition;
  /** The field that orders by it; null: all rows have the same, so that nothing is to be ordered; absent: it cannot be. */
  readonly order?: string | null;
}

/** What is related to a resource, as this API names it; `to` is a function because resources refer to each other. */
export interface Join {
  /** The catalog's relation; null: there is never anything, because the engine has no such thing. */
  readonly relation: string | null;
  readonly many: boolean;
  readonly to: () => WireResource | null;
}

export interface WireResource {
  /** Its part of the address. */
  readonly name: string;
  readonly resource: CatalogResource;
  /** Which rows of the engine's noun it shows. */
  readonly base?: Condition;
  readonly columns: Readonly<Record<string, Column>>;
  readonly joins: Readonly<Record<string, Join>>;
}

/** The engine's value as it is. */
export const same = (field: string): Column => ({
  fields: [field],
  read: (row) => row[field] ?? null,
  filter: (comparison) => onField(field, comparison),
  order: field,
});

/** The same for every row. */
export const fixed = (value: string | number | boolean | null | readonly unknown[]): Column => ({
  read: () => value,
  filter: (comparison) => ({ always: holds(value, comparison) }),
  order: null,
});

/** Made of several fields; nobody filters by it. */
export const made = (
  fields: readonly string[],
  read: Column["read"],
  relations?: readonly RelationInput[],
): Column => ({
  fields,
  read,
  relations,
});

/** One of the engine's words as one of this API's. Filters compare the words of this API, and ask the engine for those that fit. */
export function word(field: string, words: Readonly<Record<string, string>>): Column {
  return {
    fields: [field],
    read: (row) => words[String(row[field])] ?? null,
    filter: (comparison) => {
      if (comparison.operator === "is") return { field, is: "null" };
      const fitting = Object.entries(words).filter(([, wire]) => holds(wire, comparison));
      return { field, is: "in", values: fitting.map(([own]) => own) };
    },
    order: field,
  };
}

/** A word as people read it. */
export const wordForPeople = (column: Column): Column => ({
  ...column,
  read: (row, around) => {
    const told = column.read(row, around);
    return typeof told === "string" ? localized(told) : told;
  },
  filter: undefined,
});

/** true and false as two words. */
export const flagWord = (field: string, yes: string, no: string): Column => ({
  fields: [field],
  read: (row) => (row[field] === true ? yes : no),
  filter: (comparison) => ({
    or: [
      { and: [{ always: holds(yes, comparison) }, { field, is: "eq", value: true }] },
      { and: [{ always: holds(no, comparison) }, { field, is: "eq", value: false }] },
    ],
  }),
  order: field,
});

/** A comparison with an engine's field of the same values. */
export function onField(field: string, { operator, values }: WireComparison): Condition {
  const [value = ""] = values;
  switch (operator) {
    case "is":
      return { field, is: "null" };
    case "in":
      return { field, is: "in", values };
    case "cs":
      return { field, is: "contains", values };
    case "cd":
      return { field, is: "containedBy", values };
    case "ilike":
      return { field, is: "ilike", value: toPattern(value) };
    default:
      return { field, is: operator, value };
  }
}

/** `*` and `%` stand for any text there; everything else for itself. */
export const toPattern = (text: string) => text.replace(/[\\_]/g, "\\$&").replaceAll("*", "%");

/** The same comparison with a value that is known already. */
export function holds(value: unknown, { property, operator, values }: WireComparison): boolean {
  if (operator === "is") return value === null;
  if (value === null) return false;
  if (operator === "cs" || operator === "cd") throw badQuery(`"${property}" is no list to be asked what it contains.`);
  const own = String(value);
  const [wanted = ""] = values;
  switch (operator) {
    case "eq":
      return own === wanted;
    case "neq":
      return own !== wanted;
    case "in":
      return values.includes(own);
    case "ilike":
      return isLike(own, wanted);
    case "gt":
      return compare(value, wanted) > 0;
    case "gte":
      return compare(value, wanted) >= 0;
    case "lt":
      return compare(value, wanted) < 0;
    case "lte":
      return compare(value, wanted) <= 0;
    default:
      return operator satisfies never;
  }
}

function compare(value: unknown, wanted: string): number {
  if (typeof value === "number") return value - Number(wanted);
  const own = String(value);
  return own === wanted ? 0 : own < wanted ? -1 : 1;
}

/** `*` and `%` stand for any text; case is ignored. Goes through the text once, whatever the pattern. */
export function isLike(text: string, pattern: string): boolean {
  const parts = pattern.toLowerCase().split(/[*%]/);
  const own = text.toLowerCase();
  const [first = ""] = parts;
  if (parts.length === 1) return own === first;
  const last = parts.at(-1) ?? "";
  if (!own.startsWith(first) || own.length < first.length + last.length || !own.endsWith(last)) return false;
  let at = first.length;
  for (const part of parts.slice(1, -1)) {
    const found = own.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return at <= own.length - last.length;
}
