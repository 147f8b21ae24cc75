import "server-only";
import { assertSameOrigin } from "@/lib/auth/same-origin";
import { engineContext } from "@/lib/context";
import { recordAttempt, recordRead } from "@/lib/engine/audit";
import type { EngineContext } from "@/lib/engine/context";
import { invalidInput, notFound, TwincoreError } from "@/lib/errors";
import { readJson } from "@/lib/http/body";
import { matcher } from "@/lib/http/match";
import { toProblemResponse } from "@/lib/http/problem";
import { requestIdOf } from "@/lib/http/request-id";
import { log } from "@/lib/log";
import { assertRights, type Caller, identify, originOf, type Rights } from "./authenticate";
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
  let attempt: Attempted = { caller: null, isForAnyone: false, operation: "", subject: "" };
  try {
    const found = findRow(request);
    const { roles, name } = found.row;
    const isForAnyone = roles === "anyone";
    attempt = { ...attempt, isForAnyone, operation: name, subject: Object.values(found.params)[0] ?? "" };
    let ctx = anonymous(request, requestId);
    if (roles === "anyone") assertSameOrigin(request);
    else {
      const caller = await identify(request, requestId, found.row);
      attempt = { ...attempt, caller };
      assertRights(caller, { ...found.row, roles });
      ctx = caller.ctx;
    }
    const input = found.row.input.parse(await readInput(request, found.params));
    const handler = handlers[name] as (ctx: EngineContext, input: unknown, request: Request) => Promise<unknown>;
    const output = found.row.output.parse(await handler(ctx, input, request));
    return Response.json(output, { headers: { "cache-control": "no-store", "x-request-id": requestId } });
  } catch (thrown) {
    return refuse(request, requestId, thrown, attempt);
  }
}

/** For the few endpoints that carry streams: the same door, with a body of its own. `operation` is what the audit trail calls it. */
export async function serveStream(
  request: Request,
  operation: string,
  rights: Rights,
  work: (caller: Caller) => Promise<Response>,
): Promise<Response> {
  const requestId = requestIdOf(request);
  let attempt: Attempted = { caller: null, isForAnyone: false, operation, subject: new URL(request.url).pathname };
  try {
    const caller = await identify(request, requestId, rights);
    attempt = { ...attempt, caller };
    assertRights(caller, rights);
    return await work(caller);
  } catch (thrown) {
    return refuse(request, requestId, thrown, attempt);
  }
}

interface Attempted {
  readonly caller: Caller | null;
  readonly isForAnyone: boolean;
  readonly operation: string;
  readonly subject: string;
}

/** The answer for anything thrown; who was refused, or ordered what failed, is in the audit trail. */
async function refuse(request: Request, requestId: string, thrown: unknown, attempt: Attempted): Promise<Response> {
  const { caller, isForAnyone, operation, subject } = attempt;
  const isNobody = caller === null;
  // Without a sign-in every call is refused: only one with something to show is an attempt.
  const isAttempt = !(isNobody && !isForAnyone && thrown instanceof TwincoreError && thrown.code === "unauthenticated");
  if (operation && isAttempt) {
    const ctx = caller ? wholeOf(caller, request, requestId) : anonymous(request, requestId);
    const isOrder = !isNobody && request.method !== "GET" && request.method !== "HEAD";
    await recordAttempt(ctx, thrown, { operation, subject, isOrder, isNobody });
  }
  return toProblemResponse(thrown, requestId, log);
}

/** The same caller on the whole database: what was refused, or read, is counted where an account that is bound to tenants may not write. */
const wholeOf = ({ ctx }: Caller, request: Request, requestId: string) =>
  engineContext(ctx.actor, { ...originOf(request, requestId), reach: "own" });

/** Before the first byte of a download: who took it is in the audit trail. Asking only for its head takes nothing. */
export async function noteRead(
  caller: Caller,
  request: Request,
  read: Parameters<typeof recordRead>[1],
): Promise<void> {
  if (request.method === "HEAD") return;
  await recordRead(wholeOf(caller, request, caller.ctx.requestId ?? ""), read);
}

const anonymous = (request: Request, requestId: string) =>
  engineContext({ kind: "system" }, originOf(request, requestId));

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
