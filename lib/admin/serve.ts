import "server-only";
import { engineContext } from "@/lib/context";
import type { EngineContext } from "@/lib/engine/context";
import { invalidInput, notFound, TwincoreError } from "@/lib/errors";
import { readJson } from "@/lib/http/body";
import { matcher } from "@/lib/http/match";
import { toProblemResponse } from "@/lib/http/problem";
import { requestIdOf } from "@/lib/http/request-id";
import { log } from "@/lib/log";
import { addressOf, authenticate, type Caller, type Rights } from "./authenticate";
import { API_PREFIX } from "./call";
import { type AdminContract, adminContract } from "./contract";
import { handlers } from "./handlers";

// Inputs of this API are forms, not files; a pairing with 1,000 agents is about 150 KiB.
const BODY_BYTES_MAX = 1024 * 1024;

type Name = keyof AdminContract;
const names = Object.keys(adminContract) as Name[];
const match = matcher(names.map((name) => ({ ...adminContract[name], name })));

/** Serves the whole native API from its table: match → authenticate → read → parse → engine → parse → answer. */
export async function serveAdmin(request: Request): Promise<Response> {
  const requestId = requestIdOf(request);
  try {
    const found = findRow(request);
    const { roles } = found.row;
    const ctx =
      roles === "anyone"
        ? anonymous(request, requestId)
        : (await authenticate(request, requestId, { ...found.row, roles })).ctx;
    const input = found.row.input.parse(await readInput(request, found.params));
    const handler = handlers[found.row.name] as (
      ctx: EngineContext,
      input: unknown,
      request: Request,
    ) => Promise<unknown>;
    const output = found.row.output.parse(await handler(ctx, input, request));
    return Response.json(output, { headers: { "cache-control": "no-store", "x-request-id": requestId } });
  } catch (thrown) {
    return toProblemResponse(thrown, requestId, log);
  }
}

/** For the few endpoints that carry streams: the same door, with a body of its own. */
export async function serveStream(
  request: Request,
  rights: Rights,
  work: (caller: Caller) => Promise<Response>,
): Promise<Response> {
  const requestId = requestIdOf(request);
  try {
    return await work(await authenticate(request, requestId, rights));
  } catch (thrown) {
    return toProblemResponse(thrown, requestId, log);
  }
}

const anonymous = (request: Request, requestId: string) =>
  engineContext({ kind: "system" }, { requestId, address: addressOf(request) });

function findRow(request: Request) {
  const path = new URL(request.url).pathname.slice(API_PREFIX.length);
  const found = match(request.method, path.split("/").map(decode));
  if (found.kind === "found") return found;
  if (found.kind === "none") throw notFound("operation");
  throw new TwincoreError("wrong_method", `This address takes ${found.allow.join(" or ")}, not ${request.method}.`);
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw invalidInput("The address is not valid.");
  }
}

async function readInput(request: Request, params: Record<string, string>): Promise<unknown> {
  const query = Object.fromEntries(new URL(request.url).searchParams);
  if (request.method === "GET" || request.method === "DELETE") return { ...query, ...params };
  const body = await readJson(request, BODY_BYTES_MAX);
  if (body === null || typeof body !== "object" || Array.isArray(body))
    throw invalidInput("The body must be a JSON object.");
  return { ...query, ...body, ...params };
}
