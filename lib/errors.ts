/** Every way in which Twincore refuses or fails, and the HTTP status each one becomes at a door. */
export const ERROR_STATUS = {
  invalid_input: 400,
  unauthenticated: 401,
  forbidden: 403,
  /** Allowed, once whoever asks has proved again to be there. */
  step_up_required: 403,
  not_found: 404,
  wrong_method: 405,
  conflict: 409,
  /** Allowed, once a second person agrees: it waits as a request, and nothing has been done. */
  agreement_pending: 409,
  too_large: 413,
  bad_range: 416,
  integrity: 422,
  too_many_requests: 429,
  internal: 500,
  unavailable: 503,
  storage_full: 507,
} as const;

export type ErrorCode = keyof typeof ERROR_STATUS;

/** The one error type. `message` is written for an operator: what happened, why, what to do. Never a secret, never raw driver text. */
export class TwincoreError extends Error {
  override readonly name = "TwincoreError";
  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly options: {
      cause?: unknown;
      detail?: string;
      retryAfterSeconds?: number;
      totalBytes?: number;
      /** Of the two-person request that waits. */
      agreementId?: string;
    } = {},
  ) {
    super(message, { cause: options.cause });
  }
  get status(): number {
    return ERROR_STATUS[this.code];
  }
}

export const invalidInput = (message: string, detail?: string) =>
  new TwincoreError("invalid_input", message, { detail });
export const notFound = (what: string) => new TwincoreError("not_found", `There is no such ${what}.`);
export const conflict = (message: string, detail?: string) => new TwincoreError("conflict", message, { detail });
export const integrity = (message: string, cause?: unknown) => new TwincoreError("integrity", message, { cause });

const RETRYABLE: ReadonlySet<ErrorCode> = new Set(["unavailable", "internal", "too_many_requests", "storage_full"]);

/** May the same call succeed later without anyone changing its input? Used by the queue and by the peer client alike. */
export function isRetryable(error: unknown): boolean {
  return error instanceof TwincoreError ? RETRYABLE.has(error.code) : true;
}

const DISK_FULL: ReadonlySet<string> = new Set(["ENOSPC", "EDQUOT", "53100"]);
/** Row security refused a write: it is somebody else's, or not for accounts that are bound to tenants. */
const NOT_YOURS = "42501";
/** Prisma found nothing to change: it is gone meanwhile, or the account may not know of it. */
const NOTHING_THERE = "P2025";
const UNREACHABLE: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "EAI_AGAIN",
  "57P01",
  "57P02",
  "57P03",
  "08006",
  "08001",
  "P1001",
  "P1017",
]);

/** Turns anything thrown into a TwincoreError; what we do not know becomes `internal` and keeps its detail as `cause` for the log only. */
export function toTwincoreError(thrown: unknown): TwincoreError {
  if (thrown instanceof TwincoreError) return thrown;
  const code = driverCode(thrown) ?? systemCode(thrown);
  if (code && DISK_FULL.has(code))
    return new TwincoreError("storage_full", "The disk is full. Free space on it; work goes on by itself.", {
      cause: thrown,
    });
  if (code && UNREACHABLE.has(code))
    return new TwincoreError("unavailable", "Something this core needs does not answer just now.", { cause: thrown });
  if (code === NOT_YOURS)
    return new TwincoreError("forbidden", "This is not yours to change.", {
      cause: thrown,
    });
  if (code === NOTHING_THERE)
    return new TwincoreError("not_found", "There is no such thing any more.", { cause: thrown });
  return new TwincoreError("internal", "Something went wrong inside this core; its log has the detail.", {
    cause: thrown,
  });
}

/** The errno or SQLSTATE of a thrown value, looking through `cause`. */
export function systemCode(thrown: unknown): string | undefined {
  for (let at: unknown = thrown, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    const code = (at as { code?: unknown }).code;
    if (typeof code === "string") return code;
  }
  return undefined;
}

/** Prisma has codes of its own ("a raw query failed") and keeps the SQLSTATE that says why beside them. */
function driverCode(thrown: unknown): string | undefined {
  const cause = (thrown as { meta?: { driverAdapterError?: { cause?: { originalCode?: unknown } } } } | null)?.meta
    ?.driverAdapterError?.cause;
  return typeof cause?.originalCode === "string" ? cause.originalCode : undefined;
}
