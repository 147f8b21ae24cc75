import { TwincoreError } from "@/lib/errors";
import { badQuery } from "./refusal";
import { splitTop } from "./split";

const LIMIT_DEFAULT = 100;
const LIMIT_MAX = 2_000;
const ORDERS_MAX = 10;

export interface WirePage {
  readonly limit: number;
  readonly offset: number;
}

export interface WireOrder {
  readonly property: string;
  readonly direction: "asc" | "desc";
}

/**
 * Which rows are wanted: by limit and offset, else by a Range of rows as `100-2100`. More than 2,000 are cut to 2,000, so that ranges
 * whose bounds overlap by one bring no row twice. Throws bad_range for what cannot be, invalid_input for what is no number.
 */
export function parsePage(query: ReadonlyMap<string, string>, range: string | null): WirePage {
  const [limit, offset] = [numberOf(query, "limit"), numberOf(query, "offset")];
  if (limit !== null || offset !== null) {
    if ((limit ?? 1) <= 0 || (offset ?? 0) < 0) throw noSuchRange();
    return { limit: Math.min(limit ?? LIMIT_DEFAULT, LIMIT_MAX), offset: offset ?? 0 };
  }
  // A range of a unit that we do not know, bytes say, is passed over, as HTTP wants it.
  const rows = /^(?:items=)?(\d{1,15})-(\d{1,15})$/i.exec(range?.trim() ?? "");
  if (!rows) return { limit: LIMIT_DEFAULT, offset: 0 };
  const [first, last] = [Number(rows[1]), Number(rows[2])];
  if (last < first) throw noSuchRange();
  return { limit: Math.min(last - first + 1, LIMIT_MAX), offset: first };
}

function numberOf(query: ReadonlyMap<string, string>, name: string): number | null {
  const text = query.get(name)?.trim();
  if (text === undefined) return null;
  if (!/^[+-]?\d{1,15}$/.test(text)) throw badQuery(`"${name}" is a whole number.`);
  return Number(text);
}

export const noSuchRange = () =>
  new TwincoreError(
    "bad_range",
    "The range that was asked for is not within what there is. Ask for less, or begin sooner.",
  );

/** Reads `name,size.desc`. */
export function parseOrder(text: string | undefined): WireOrder[] {
  const parts = splitTop(text ?? "");
  if (parts.length > ORDERS_MAX) throw badQuery(`At most ${ORDERS_MAX} properties order a list.`);
  return parts.map((part) => {
    const found = /^(\w{1,100})(?:\.(asc|desc))?$/.exec(part);
    if (!found) throw badQuery(`"${part.slice(0, 60)}" is no order: <property>[.asc|.desc].`);
    return { property: found[1] ?? "", direction: found[2] === "desc" ? "desc" : "asc" };
  });
}
