import { findVendorSignIn } from "@/lib/engine/vendor-sign-ins";
import type { TwincoreError } from "@/lib/errors";
import { jsonBody, queryOf } from "../body";
import type { Dialect } from "../dialect";
import { unitrendsRows } from "./rows";

/** Clients look for the beginning of it to sign in anew. */
const EXPIRED = "Error: Your session has expired or is invalid. Sign in again.";
/** What a client does of its own accord depends on these; everything else is 500 in this API. */
const STATUS_KEPT: readonly number[] = [401, 403, 404, 405, 413, 429];
/** As curl calls a certificate that it cannot trust: clients show it, and ask whether to go on. */
const UNTRUSTED = 60;
/** A token is 43 characters; nothing longer is looked up. */
const TOKEN_MAX = 300;

export const tokenOf = (request: Request): string => request.headers.get("authtoken")?.trim() ?? "";

export const unitrends: Dialect = {
  door: "unitrends",
  // PowerStore's clients have /api/rest for themselves.
  owns: (path) => /^\/api\/(?!rest(\/|$))/i.test(path),
  ignoreCase: true,
  rows: unitrendsRows,
  authenticate: async (system, { request }) => {
    const token = tokenOf(request);
    if (token === "" || token.length > TOKEN_MAX) return null;
    const found = await findVendorSignIn(system, { door: "unitrends", token });
    return found && { account: found.account, credential: found.credential, signInId: found.id };
  },
  readInput: async (call, row) => ({ ...queryOf(call), ...(row.method === "GET" ? {} : await jsonBody(call, row)) }),
  respond: ({ status, body, headers }) => Response.json(body ?? {}, { status, headers }),
  fail: (error, row) => {
    if (error.options.detail === "untrusted") return failure(412, error.message, { error_code: UNTRUSTED });
    if (error.code === "unauthenticated") return failure(401, row?.name === "login" ? error.message : EXPIRED);
    // An address of nothing is not there; a request or a storage of nothing is a failure of the call.
    const isNoAddress = error.code === "not_found" && row === null;
    const status = isNoAddress || isKept(error) ? error.status : 500;
    const { retryAfterSeconds } = error.options;
    return failure(status, error.message, {}, retryAfterSeconds ? { "retry-after": String(retryAfterSeconds) } : {});
  },
};

const isKept = ({ code, status }: TwincoreError) =>
  code === "agreement_pending" || (code !== "not_found" && STATUS_KEPT.includes(status));

const failure = (status: number, message: string, more: object = {}, headers: Record<string, string> = {}) =>
  Response.json({ ...more, result: [{ code: 2, message, ...more }] }, { status, headers });
