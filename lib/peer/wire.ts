import { TwincoreError } from "@/lib/errors";
import type { AnyOperation } from "./operation";

/** A call as bytes and text, ready to be sent. */
export interface WireRequest {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  /** JSON, or null when the call has no body or a streamed one. */
  readonly json: string | null;
}

/** Puts an input where its row says: path parts, declared query, then JSON body or query. */
export function toWire(row: AnyOperation, input: Record<string, unknown>, basePath: string): WireRequest {
  const [template = "", declared = ""] = row.path.split("?");
  const rest = new Map(Object.entries(input).filter(([, value]) => value !== undefined));
  const path = template.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(take(rest, name, row.name)));
  const query = new URLSearchParams();
  const inQuery =
    row.body === "json" ? [...declared.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? "") : [...rest.keys()];
  for (const name of inQuery) if (rest.has(name)) query.set(name, take(rest, name, row.name));
  const json = row.body === "json" ? JSON.stringify(Object.fromEntries(rest)) : null;
  return { method: row.method, path: `${basePath}${path}${query.size > 0 ? `?${query}` : ""}`, json };
}

/** Addresses carry text: only what has one obvious spelling may go there. */
function take(rest: Map<string, unknown>, name: string, operation: string): string {
  const value = rest.get(name);
  rest.delete(name);
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean" || typeof value === "bigint")
    return String(value);
  throw new TwincoreError("internal", `${operation} cannot carry "${name}" in its address.`);
}
