import { z } from "zod";
import type { Caller } from "@/lib/engine/pairing/caller";
import { invalidInput, TwincoreError, toTwincoreError } from "@/lib/errors";
import { parseJson, toBody } from "@/lib/http/body";
import { fromZod } from "@/lib/http/problem";
import type { Log } from "@/lib/log";
import { textOf } from "./body";
import { bodyFormat, type Format } from "./negotiate";
import { type AnyOperation, type Auth, JSON_BYTES_MAX } from "./operation";
import { parseXml } from "./xml/parse";
import { fromXml } from "./xml/read";
import { shapeOf } from "./xml/shape";
import { toXml } from "./xml/write";

/** What a failed operation answers: the shape in which the contract publishes failures of its background jobs, with our code beside it. */
export const Fault = z.object({
  failureReason: z.object({ message: z.string(), detail: z.string().default("") }),
  code: z.string(),
  requestId: z.string(),
});

const WANTS_ADMINISTRATOR = "This asks for an administrator of this core: send name and password by Basic.";

const WANTS_PROOF = `${WANTS_ADMINISTRATOR} Or show an enrolment token of it by Bearer.`;

/** Why a row is not for this caller; null when it is. */
const REFUSAL: Record<Auth, (caller: Caller) => string | null> = {
  anyone: () => null,
  pending: ({ standing, reason }) => (standing === "anonymous" ? reason : null),
  paired: ({ standing, reason }) => (standing === "paired" ? null : reason),
  administrator: ({ administrator }) => (administrator ? null : WANTS_ADMINISTRATOR),
  "paired-administrator": (caller) => REFUSAL.paired(caller) ?? REFUSAL.administrator(caller),
  enrolling: ({ administrator, enrolment }) => (administrator || enrolment ? null : WANTS_PROOF),
};

/** Throws unauthenticated when the row is not for this caller. */
export function admit(row: AnyOperation, caller: Caller): void {
  const refusal = REFUSAL[row.auth](caller);
  if (refusal !== null) throw new TwincoreError("unauthenticated", refusal);
}

/** Path parts, query and body as one, parsed by the row. Path parts win over the query, the query over the body. */
export async function readInput(row: AnyOperation, request: Request, params: Record<string, string>): Promise<unknown> {
  const input = row.input.safeParse(await collectInput(row, request, params));
  if (!input.success) throw fromZod(input.error);
  return input.data;
}

async function collectInput(row: AnyOperation, request: Request, params: Record<string, string>): Promise<object> {
  const query = Object.fromEntries(new URL(request.url).searchParams);
  if (row.body !== "json") return { ...query, ...params };
  const text = await textOf(request, row.bytesMax ?? JSON_BYTES_MAX);
  const body = text.trim() === "" ? {} : bodyFormat(request, text) === "xml" ? readXml(row, text) : parseJson(text);
  if (body === null || typeof body !== "object" || Array.isArray(body))
    throw invalidInput("The body must be one object.");
  return { ...body, ...query, ...params };
}

function readXml(row: AnyOperation, text: string): unknown {
  const root = parseXml(text);
  const names = row.inputRoots ?? [];
  if (!names.some((name) => name.toLowerCase() === root.name.toLowerCase()))
    throw invalidInput(`${row.name} takes a body of <${names[0]}>, not <${root.name.slice(0, 100)}>.`);
  return fromXml(root, shapeOf(row.input));
}

/** A handler's result as the answer of its row; what is not in the row's output schema is left out. */
export function respond(row: AnyOperation, result: unknown, { requestId, format }: Answering): Response {
  const headers = new Headers({ "cache-control": "no-store", "x-request-id": requestId });
  if (row.closes) headers.set("connection", "close");
  if (row.answer === "stream") {
    headers.set("content-type", "application/octet-stream");
    // The row's type made the handler return bytes; the table only forgot it.
    return new Response(toBody(result as AsyncIterable<Uint8Array>), { headers });
  }
  if (row.answer === "none" || row.output === null) return new Response(null, { headers });
  const output = row.output.safeParse(result);
  if (!output.success)
    throw new TwincoreError("internal", "This core made an answer that breaks its own contract.", {
      cause: output.error,
    });
  if (format === "json") return Response.json(output.data, { headers });
  // Void in the contract: what JSON callers are told beside it has no place in its XML.
  if (!row.xmlRoot) return new Response(null, { headers });
  return xmlResponse(toXml(row.xmlRoot, output.data, shapeOf(row.output)), headers);
}

interface Answering {
  readonly requestId: string;
  readonly format: Format;
}

/** The answer for anything thrown. What we do not know is logged in full and told without detail. */
export function fail(thrown: unknown, { requestId, format }: Answering, log: Log): Response {
  const error = toTwincoreError(thrown);
  if (error.code === "internal") log.error({ requestId, err: thrown }, "a peer's request failed inside");
  const failureReason = { message: error.message, detail: error.options.detail ?? "" };
  const fault: z.infer<typeof Fault> = { failureReason, code: error.code, requestId };
  const headers = new Headers({ "cache-control": "no-store", "x-request-id": requestId });
  if (error.options.retryAfterSeconds) headers.set("retry-after", String(error.options.retryAfterSeconds));
  if (error.code === "unauthenticated") headers.set("www-authenticate", 'Basic realm="twincore", charset="UTF-8"');
  // Existing clients show nothing of a failure but its reason phrase.
  const init = { status: error.status, statusText: reasonPhrase(error.message), headers };
  if (format === "json") return Response.json(fault, init);
  return xmlResponse(toXml("failureReason", failureReason, shapeOf(Fault.shape.failureReason)), headers, init);
}

function xmlResponse(text: string, headers: Headers, init: ResponseInit = {}): Response {
  headers.set("content-type", "application/xml; charset=utf-8");
  return new Response(text, { ...init, headers });
}

/** A message as a status line may carry it. */
const reasonPhrase = (message: string) => message.replaceAll(/[^\x20-\x7e]/g, "?").slice(0, 200);
