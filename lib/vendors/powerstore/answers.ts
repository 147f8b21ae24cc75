import type { TwincoreError } from "@/lib/errors";
import type { AnyVendorRow, VendorCall, VendorResult } from "../row";

// Codes that are published for their condition; those of replication are not, and have numbers of our own below 0xE0A0.
const CODES = {
  badRequest: "0xE04040010005",
  badQuery: "0xE04040020002",
  badSchema: "0xE04040030001",
  notFound: "0xE04040020009",
  volumeNotFound: "0xE0A07001000C",
  groupNotFound: "0xE0A08001000E",
  policyNotFound: "0xE0A090010001",
  ruleNotFound: "0xE0203001000B",
  unauthenticated: "0xE09040060001",
  forbidden: "0xE09040060002",
  refused: "0xE0A0A0010001",
  wrongSide: "0xE0A0A0010002",
  wrongState: "0xE0A0A0010003",
  exists: "0xE0A0A0010004",
  inUse: "0xE0A0A0010005",
  internal: "0xE04040040001",
  unavailable: "0xE04040040002",
} as const;

interface Told {
  readonly status: number;
  readonly code: string;
}

/** How this API tells a refusal. `detail` is the engine's short word for it. */
export function toldOf(error: TwincoreError, row: Pick<AnyVendorRow, "path" | "method"> | null): Told {
  const { detail } = error.options;
  switch (error.code) {
    case "invalid_input":
      if (detail === "query") return { status: 400, code: CODES.badQuery };
      return { status: 400, code: row && row.method !== "GET" ? CODES.badSchema : CODES.badRequest };
    case "too_large":
      return { status: 400, code: CODES.badRequest };
    case "unauthenticated":
      return { status: 401, code: CODES.unauthenticated };
    case "forbidden":
      // gopowerstore signs in and tries again for as long as it is told 403: only a new sign-in may help there.
      return { status: detail === "token" ? 403 : 422, code: CODES.forbidden };
    case "step_up_required":
      // The same: a new sign-in helps one that is too old, and nothing else.
      return { status: detail === "sign-in" ? 403 : 422, code: CODES.forbidden };
    case "agreement_pending":
      return { status: 409, code: CODES.refused };
    case "not_found":
      return { status: 404, code: row ? notFoundCode(row.path) : CODES.badRequest };
    case "wrong_method":
      return { status: 405, code: CODES.badRequest };
    case "bad_range":
      return { status: 416, code: CODES.badQuery };
    case "conflict":
      return conflictTold(detail);
    case "integrity":
      return { status: 422, code: CODES.refused };
    case "too_many_requests":
    case "unavailable":
      return { status: 503, code: CODES.unavailable };
    case "storage_full":
    case "internal":
      return { status: 500, code: CODES.internal };
    default:
      return error.code satisfies never;
  }
}

function conflictTold(detail: string | undefined): Told {
  // gopowerstore reads 400 as "not from this side".
  if (detail === "wrong-side") return { status: 400, code: CODES.wrongSide };
  if (detail === "wrong-state" || detail === "test-running" || detail === "not-testing")
    return { status: 422, code: CODES.wrongState };
  if (detail === "exists") return { status: 422, code: CODES.exists };
  return { status: 422, code: detail === "in-use" ? CODES.inUse : CODES.refused };
}

function notFoundCode(path: string): string {
  const resource = path.split("/")[3];
  if (resource === "volume") return CODES.volumeNotFound;
  if (resource === "volume_group") return CODES.groupNotFound;
  if (resource === "policy") return CODES.policyNotFound;
  return resource === "snapshot_rule" ? CODES.ruleNotFound : CODES.notFound;
}

/** The body of an error: at least one message, which clients show. */
export const errorBody = (error: TwincoreError, code: string) => ({
  messages: [
    {
      code,
      severity: "Error",
      message_l10n: error.message,
      arguments: error.options.detail ? [error.options.detail] : [],
    },
  ],
});

export function fail(error: TwincoreError, row: AnyVendorRow | null): Response {
  const { status, code } = toldOf(error, row);
  const headers: Record<string, string> = {};
  if (status === 401) headers["www-authenticate"] = 'Basic realm="PowerStore"';
  if (error.options.retryAfterSeconds) headers["retry-after"] = String(error.options.retryAfterSeconds);
  return Response.json(errorBody(error, code), { status, headers });
}

/** 204 has no body, ever: a client would read it as an answer. */
export function respond(
  { status = 200, body, headers }: VendorResult,
  _row: AnyVendorRow,
  _call: VendorCall,
): Response {
  if (body === undefined || status === 204) return new Response(null, { status, headers: { ...headers } });
  return Response.json(body, { status, headers: { ...headers } });
}
