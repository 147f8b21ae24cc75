import "server-only";
import { toTwincoreError } from "@/lib/errors";

/** Why a sign-in was refused, as JSON: next-auth carries one string from the server to the form (components/sign-in/refusal.ts reads it). */
export function encodeRefusal(thrown: unknown): string {
  const error = toTwincoreError(thrown);
  return JSON.stringify({
    code: error.code,
    message: error.message,
    detail: error.options.detail ?? null,
    retryAfterSeconds: error.options.retryAfterSeconds ?? null,
  });
}
