import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { type ErrorCode, type TwincoreError, toTwincoreError } from "@/lib/errors";
import { type Refusal, recordRefusal } from "./refuse";

/** Errors whose refusal is written already: the door that they pass through does not write it again. */
const written = new WeakSet<Error>();

/** Writes down a refusal where it happens, and gives the error back: `throw await refused(…)`. */
export async function refused(
  ctx: EngineContext,
  error: TwincoreError,
  refusal: Omit<Refusal, "reason"> & { reason?: string },
) {
  written.add(error);
  await recordRefusal(ctx, { reason: error.message, ...refusal });
  return error;
}

export interface Attempt {
  /** What was called, as the door's table names it. */
  readonly operation: string;
  readonly subject: string;
  /** A change that people or their scripts ordered: also what was allowed and did not work is worth an entry. */
  readonly isOrder: boolean;
  /** Who called did not show who it is. */
  readonly isNobody?: boolean;
  readonly windowSeconds?: number;
  readonly detail?: Refusal["detail"];
}

/** Refused, and failed; every other code is neither: a wrong input, a thing that is not there, a question back to the person. */
const REFUSED: ReadonlySet<ErrorCode> = new Set(["forbidden", "unauthenticated", "too_many_requests"]);
const FAILED: ReadonlySet<ErrorCode> = new Set([
  "conflict",
  "too_large",
  "integrity",
  "internal",
  "unavailable",
  "storage_full",
]);

/**
 * What a door does with everything that is thrown: a refused call becomes an entry, and so does an order that failed. `ctx` has the caller as its
 * actor and the whole database. Throws nothing.
 */
export async function recordAttempt(ctx: EngineContext, thrown: unknown, attempt: Attempt): Promise<void> {
  if (thrown instanceof Error && written.has(thrown)) return;
  // Inputs that a schema refuses are no TwincoreErrors yet, and nothing to write down.
  if (thrown instanceof Error && thrown.name === "ZodError") return;
  const error = toTwincoreError(thrown);
  // Every page that somebody opens before setting up the second factor: a question back, too.
  if (error.options.detail === "second-factor-required") return;
  const result = REFUSED.has(error.code) ? "refused" : "failed";
  if (result === "failed" && !(attempt.isOrder && FAILED.has(error.code))) return;
  const { operation, subject, isNobody, windowSeconds, detail } = attempt;
  const said = {
    action: `call.${operation}`,
    subject,
    reason: error.message,
    result,
    isNobody,
    windowSeconds,
    detail,
  } as const;
  await recordRefusal(ctx, said);
}
