import { ERROR_STATUS, type ErrorCode, systemCode, TwincoreError } from "@/lib/errors";
import { Fault } from "./dialect";

const WHAT_HAPPENED: Readonly<Record<string, string>> = {
  ECONNREFUSED: "Nothing listens at the other core's address. Check the address, and that the core runs.",
  ENOTFOUND: "There is no host of that name. Check the other core's address.",
  EAI_AGAIN: "The name of the other core's host could not be looked up just now.",
  EHOSTUNREACH: "There is no way to the other core's host just now.",
  ENETUNREACH: "There is no way to the other core's network just now.",
  ETIMEDOUT: "The other core's host does not answer.",
  ECONNRESET: "The other core ended the connection.",
  EPIPE: "The other core ended the connection.",
};

const UNTRUSTED = "What answers at the other core's address is not the core that this core is paired with.";

/** A failure of the connection itself, for an operator; always `unavailable`, because it may pass. */
export function unreachable(cause: unknown): TwincoreError {
  if (cause instanceof TwincoreError) return cause;
  const code = systemCode(cause) ?? "";
  const known = WHAT_HAPPENED[code] ?? (isTlsFailure(code) ? UNTRUSTED : "The connection to the other core broke.");
  return new TwincoreError("unavailable", known, { cause, detail: code || undefined });
}

/** Codes of OpenSSL's chain check, of Node's own TLS errors, and of a plain HTTP port behind the address. */
function isTlsFailure(code: string): boolean {
  return /CERT|SIGNATURE|ISSUER|^ERR_TLS|^ERR_SSL|^EPROTO$/.test(code);
}

const BY_STATUS = new Map<number, ErrorCode>(
  Object.entries(ERROR_STATUS).map(([code, status]) => [status, code as ErrorCode]),
);

/** The error that an answer of status >= 400 means: the peer's own code and words, or what the status alone tells. */
export function faultOf(status: number, body: string, retryAfter: string | undefined): TwincoreError {
  const retryAfterSeconds = retryAfter && /^\d{1,6}$/.test(retryAfter) ? Number(retryAfter) : undefined;
  const fault = Fault.safeParse(parse(body));
  if (!fault.success) {
    const code = BY_STATUS.get(status) ?? (status >= 500 ? "unavailable" : "invalid_input");
    return new TwincoreError(code, `The other core answered with status ${status}.`, { retryAfterSeconds });
  }
  const { code, failureReason } = fault.data;
  const detail = failureReason.detail.slice(0, 2000) || undefined;
  return new TwincoreError(isErrorCode(code) ? code : "internal", failureReason.message.slice(0, 2000), {
    detail,
    retryAfterSeconds,
  });
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}

function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERROR_STATUS, code);
}
