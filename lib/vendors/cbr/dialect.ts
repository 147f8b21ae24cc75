import { jsonBody } from "../body";
import type { Dialect } from "../dialect";
import type { VendorCall } from "../row";
import { toCbrError } from "./errors";
import { rows } from "./rows";

/** The API of Open Telekom Cloud's Cloud Backup and Recovery, as Huawei's SDKs and gophertelekomcloud speak it. */
export const cbr: Dialect = {
  door: "cbr",
  owns: (path) => path === "/" || /^\/v3(\/|$)/i.test(path),
  ignoreCase: false,
  rows,
  authenticate: async (system, call) => (await import("./authenticate")).authenticate(system, call),
  readInput: async (call, row) =>
    row.method === "GET" || row.method === "DELETE"
      ? { query: queryOf(call) }
      : { query: queryOf(call), body: await jsonBody(call, row) },
  respond: ({ status, body, headers }) =>
    new Response(body === undefined ? null : JSON.stringify(body), {
      status,
      headers: { ...(body === undefined ? {} : { "content-type": "application/json;charset=utf-8" }), ...headers },
    }),
  fail: (error, row, { requestId }) => {
    const { status, code } = toCbrError(error, row);
    const headers: Record<string, string> = { "x-request-id": requestId };
    if (error.options.retryAfterSeconds) headers["retry-after"] = String(error.options.retryAfterSeconds);
    // The identity service has errors of its own.
    const title = IDENTITY_TITLES[status] ?? "Bad Request";
    const body = row?.path.startsWith("/v3/auth/")
      ? { error: { code: status, message: error.message, title }, error_code: code, error_msg: error.message }
      : { error_code: code, error_msg: error.message, request_id: requestId };
    return Response.json(body, { status, headers });
  },
};

const IDENTITY_TITLES: Readonly<Record<number, string>> = { 401: "Unauthorized", 403: "Forbidden", 404: "Not Found" };

/** The query; a name that is given more than once becomes a list. */
function queryOf({ request }: Pick<VendorCall, "request">): Record<string, string | string[]> {
  const { searchParams } = new URL(request.url);
  const names = [...new Set(searchParams.keys())];
  return Object.fromEntries(
    names.map((name) => {
      const values = searchParams.getAll(name);
      return [name, values.length > 1 ? values : (values[0] ?? "")];
    }),
  );
}
