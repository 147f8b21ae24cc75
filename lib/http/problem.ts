import { z } from "zod";
import { invalidInput, type TwincoreError, toTwincoreError } from "@/lib/errors";
import type { Log } from "@/lib/log";
import type { Problem } from "./row";

/** An RFC 9457 answer for anything thrown. What we do not know is logged in full and told without detail. */
export function toProblemResponse(thrown: unknown, requestId: string, log: Log): Response {
  const error = thrown instanceof z.ZodError ? fromZod(thrown) : toTwincoreError(thrown);
  if (error.code === "internal") log.error({ requestId, err: thrown }, "a request failed inside");
  const problem: Problem = {
    type: `urn:twincore:error:${error.code}`,
    title: error.message,
    status: error.status,
    detail: error.options.detail,
    code: error.code,
    agreementId: error.options.agreementId,
    requestId,
  };
  const headers = new Headers({
    "content-type": "application/problem+json",
    "cache-control": "no-store",
    "x-request-id": requestId,
  });
  if (error.options.retryAfterSeconds) headers.set("retry-after", String(error.options.retryAfterSeconds));
  if (error.options.totalBytes !== undefined) headers.set("content-range", `bytes */${error.options.totalBytes}`);
  if (error.code === "unauthenticated") headers.set("www-authenticate", 'Bearer realm="twincore"');
  return new Response(JSON.stringify(problem), { status: error.status, headers });
}

/** Says which field is wrong and how; the first few problems are enough. */
export function fromZod(error: z.ZodError): TwincoreError {
  const issues = error.issues.slice(0, 5).map((issue) => `${issue.path.join(".") || "input"}: ${issue.message}`);
  return invalidInput(`The input is not valid. ${issues.join("; ")}`);
}
