import type { TwincoreError } from "@/lib/errors";
import { formBody, jsonBody, queryOf } from "../body";
import type { Dialect } from "../dialect";
import type { AnyVendorRow } from "../row";
import { rows } from "./rows";

/** The API of Veeam Backup for Microsoft 365, versions 5 and 6, of its repositories and their synchronization. */
export const veeam: Dialect = {
  door: "veeam",
  owns: (path) => /^\/v[56](\/|$)/i.test(path),
  ignoreCase: true,
  rows,
  authenticate: async (system, call) => (await import("./authenticate")).authenticate(system, call),
  readInput: async (call, row) => {
    const query = queryOf(call);
    if (row.method === "GET" || row.method === "DELETE") return { query };
    return { query, body: isToken(row) ? await formBody(call, row) : await jsonBody(call, row) };
  },
  respond: ({ status, body, headers }) =>
    new Response(body === undefined ? null : JSON.stringify(body), {
      status,
      headers: { ...(body === undefined ? {} : { "content-type": "application/json; charset=utf-8" }), ...headers },
    }),
  fail: (error, row) => {
    const headers: Record<string, string> = {};
    if (error.options.retryAfterSeconds) headers["retry-after"] = String(error.options.retryAfterSeconds);
    const grant = row && isToken(row) ? toGrantError(error) : null;
    if (grant) return Response.json(grant, { status: 400, headers });
    // This API knows no 409: what a thing's state forbids is a bad request.
    const status = error.code === "conflict" || error.code === "storage_full" ? 400 : error.status;
    return Response.json({ message: error.message }, { status, headers });
  },
};

const isToken = ({ path }: AnyVendorRow): boolean => path.endsWith("/token");

/** OAuth's own words for a sign-in that failed; null: it failed for another reason. */
function toGrantError(error: TwincoreError): { error: string; error_description: string } | null {
  if (error.code === "unauthenticated") return { error: "invalid_grant", error_description: error.message };
  if (error.code === "invalid_input")
    return {
      error: error.options.detail === "grant" ? "unsupported_grant_type" : "invalid_request",
      error_description: error.message,
    };
  return null;
}
