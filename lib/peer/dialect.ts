import { z } from "zod";
import type { Caller } from "@/lib/engine/pairing/caller";
import { invalidInput, TwincoreError, toTwincoreError } from "@/lib/errors";
import { toBody } from "@/lib/http/body";
import { fromZod } from "@/lib/http/problem";
import type { Log } from "@/lib/log";
import { jsonOf } from "./body";
import { type AnyOperation, type Auth, JSON_BYTES_MAX } from "./operation";

/** What a failed operation answers: the shape in which the contract publishes failures of its background jobs, with our code beside it. */
export const Fault = z.object({
  failureReason: z.object({ message: z.string(), detail: z.string().default("") }),
  code: z.string(),
  requestId: z.string(),
});

const WANTS_ADMINISTRATOR = "This asks for an administrator of this core: send name and password by Basic.";

/** Why a row is not for this caller; null when it is. */
const REFUSAL: Record<Auth, (caller: Caller) => string | null> = {
  anyone: () => null,
  pending: ({ standing, reason }) => (standing === "anonymous" ? reason : null),
  paired: ({ standing, reason }) => (standing === "paired" ? null : reason),
  administrator: ({ administrator }) => (administrator ? null : WANTS_ADMINISTRATOR),
  "paired-administrator": (caller) => REFUSAL.paired(caller) ?? REFUSAL.administrator(caller),
  enrolling: ({ administrator, enrolment }) => (administrator || enrolment ? null : WANTS_ADMINISTRATOR),
};

/** Throws unauthenticated when the row is not for this caller. */
export function admit(row: AnyOperation, caller: Caller): void {
  const refusal = REFUSAL[row.auth](caller);
  if (refusal !== null) throw new TwincoreError("unauthenticated", refusal);
}

/** Path parts, query and JSON body as one, parsed by the row. Path parts win over the query, the query over the body. */
export async function readInput(row: AnyOperation, request: Request, params: Record<string, string>): Promise<unknown> {
  const input = row.input.safeParse(await collectInput(row, request, params));
  if (!input.success) throw fromZod(input.error);
  return input.data;
}

async function collectInput(row: AnyOperation, request: Request, params: Record<string, string>): Promise<object> {
  const query = Object.fromEntries(new URL(request.url).searchParams);
  if (row.body !== "json") return { ...query, ...params };
  assertReadable(request);
  const body = await jsonOf(request, row.bytesMax ?? JSON_BYTES_MAX);
  if (body === null || typeof body !== "object" || Array.isArray(body))
    throw invalidInput("The body must be a JSON object.");
  return { ...body, ...query, ...params };
}

/** The contract's XML is announced by its content type; until this core reads it, say so rather than "not valid JSON". */
function assertReadable(request: Request): void {
  const type = request.headers.get("content-type")?.split(";")[0]?.trim().toLowerCase() ?? "";
  if (type !== "" && type !== "application/json" && type !== "application/octet-stream")
    throw invalidInput(`This core reads application/json here, not ${type.slice(0, 100)}.`);
}

/** A handler's result as the answer of its row; what is not in the row's output schema is left out. */
export function respond(row: AnyOperation, result: unknown, requestId: string): Response {
  const headers = new Headers({ "cache-control": "no-store", "x-request-id": requestId });
  if (row.closes) headers.set("connection", "close");
  if (row.answer === "stream") {
    headers.set("content-type", "application/octet-stream");
    // The row's type made the handler return bytes; the table only forgot it.
    return new Response(toBody(result as AsyncIterable<Uint8Array>), { headers });
  }
  if (row.answer === "none" || row.output === null) return new Response(null, { headers });
  const output = row.output.safeParse(result);
  if (output.success) return Response.json(output.data, { headers });
  throw new TwincoreError("internal", "This core made an answer that breaks its own contract.", {
    cause: output.error,
  });
}

/** The answer for anything thrown. What we do not know is logged in full and told without detail. */
export function fail(thrown: unknown, requestId: string, log: Log): Response {
  const error = toTwincoreError(thrown);
  if (error.code === "internal") log.error({ requestId, error: thrown }, "a peer's request failed inside");
  const fault: z.infer<typeof Fault> = {
    failureReason: { message: error.message, detail: error.options.detail ?? "" },
    code: error.code,
    requestId,
  };
  const headers = new Headers({ "cache-control": "no-store", "x-request-id": requestId });
  if (error.options.retryAfterSeconds) headers.set("retry-after", String(error.options.retryAfterSeconds));
  return Response.json(fault, { status: error.status, headers });
}
