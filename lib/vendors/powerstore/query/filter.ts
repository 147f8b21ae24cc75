import { badQuery } from "./refusal";
import { insideOf, splitTop, unquote } from "./split";

const OPERATORS = ["eq", "neq", "gt", "gte", "lt", "lte", "ilike", "in", "is", "cs", "cd"] as const;
export type Operator = (typeof OPERATORS)[number];

/** One comparison as the client wrote it: `state=not.in.(OK,Paused)`. */
export interface WireComparison {
  readonly property: string;
  readonly operator: Operator;
  /** One value; several of in, cs and cd. */
  readonly values: readonly string[];
}

export type WireFilter =
  | WireComparison
  | { readonly not: WireFilter }
  | { readonly and: readonly WireFilter[] }
  | { readonly or: readonly WireFilter[] };

/** A filter nested deeper is nobody's question. */
const DEPTH_MAX = 8;

/** Query parameters that are no filters. */
const RESERVED = new Set(["select", "order", "limit", "offset", "is_async"]);

/** All filters of a query string; they hold together. Throws for what is none, an unknown operator above all. */
export function parseFilters(query: readonly (readonly [string, string])[]): WireFilter | null {
  const filters = query.filter(([name]) => !RESERVED.has(name)).map(([name, value]) => readParameter(name, value));
  return filters.length === 0 ? null : { and: filters };
}

function readParameter(name: string, value: string): WireFilter {
  const logic = /^(not\.)?(and|or)$/.exec(name);
  if (logic) return readLogic(logic[1] !== undefined, logic[2] === "or", value.trim(), 0);
  return comparison(name, value);
}

function readLogic(negated: boolean, isOr: boolean, list: string, depth: number): WireFilter {
  const inner = insideOf(list, "(");
  if (inner === null || depth > DEPTH_MAX)
    throw badQuery(`"and" and "or" take a list in parentheses, at most ${DEPTH_MAX} deep.`);
  const parts = splitTop(inner).map((part) => readPart(part, depth + 1));
  if (parts.length === 0) throw badQuery(`"and" and "or" take at least one condition.`);
  const filter: WireFilter = isOr ? { or: parts } : { and: parts };
  return negated ? { not: filter } : filter;
}

/** Inside of a list: `a.gt.1`, or another list. */
function readPart(part: string, depth: number): WireFilter {
  const logic = /^(not\.)?(and|or)(\(.*\))$/s.exec(part);
  if (logic) return readLogic(logic[1] !== undefined, logic[2] === "or", logic[3] ?? "", depth);
  const dot = part.indexOf(".");
  if (dot < 0) throw badQuery(`"${part.slice(0, 60)}" is no condition.`);
  return comparison(part.slice(0, dot), part.slice(dot + 1));
}

function comparison(property: string, text: string): WireFilter {
  const found = /^(not\.)?([a-z]+)\.(.*)$/s.exec(text);
  const operator = OPERATORS.find((one) => one === found?.[2]);
  if (!/^\w{1,100}$/.test(property) || !found || !operator)
    throw badQuery(
      `"${property.slice(0, 60)}=${text.slice(0, 60)}" is no filter of this API: <property>=[not.]<operator>.<value>.`,
    );
  const leaf: WireFilter = { property, operator, values: valuesOf(operator, found[3] ?? "") };
  return found[1] ? { not: leaf } : leaf;
}

function valuesOf(operator: Operator, text: string): string[] {
  if (operator === "is") {
    if (text !== "null") throw badQuery(`"is" compares with null only.`);
    return [];
  }
  if (operator !== "in" && operator !== "cs" && operator !== "cd") return [unquote(text)];
  const inner = insideOf(text.trim(), operator === "in" ? "(" : "{");
  if (inner === null) throw badQuery(operator === "in" ? `"in" takes (a,b).` : `"${operator}" takes {a,b}.`);
  return splitTop(inner).map(unquote);
}
