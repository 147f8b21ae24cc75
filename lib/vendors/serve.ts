import { z } from "zod";
import { toActor } from "@/lib/engine/accounts";
import { type Attempt, recordAttempt } from "@/lib/engine/audit";
import type { Actor, EngineContext } from "@/lib/engine/context";
import { isDoorOpen } from "@/lib/engine/doors";
import { invalidInput, notFound, TwincoreError, toTwincoreError } from "@/lib/errors";
import { matcher } from "@/lib/http/match";
import { fromZod } from "@/lib/http/problem";
import { assertReach } from "@/lib/http/reach";
import { requestIdOf } from "@/lib/http/request-id";
import { assertScope } from "@/lib/http/scope";
import type { Dialect } from "./dialect";
import type { AnyVendorRow, VendorCall, VendorCaller } from "./row";

/** The room behind the vendor listener; see lib/runtime/listeners/vendor-target.ts. */
export const VENDOR_ROOM = "/vendors";

export interface VendorServer {
  readonly dialects: readonly Dialect[];
  /** What `row` (null: none yet) may work with for this caller. */
  readonly context: (
    actor: Actor,
    row: AnyVendorRow | null,
    call: { requestId: string; address: string },
  ) => EngineContext;
}

type Bare = Omit<VendorCall, "caller">;
const matchers = new WeakMap<Dialect, ReturnType<typeof matcher<AnyVendorRow>>>();

/**
 * Serves the APIs of other vendors from their tables: door → match → authenticate → admit → read → parse → engine → parse → answer. What is
 * thrown is told in the vendor's own words. A door that is switched off, and an address of none, answer 404.
 */
export async function serveVendors(request: Request, server: VendorServer): Promise<Response> {
  const bare = callOf(request);
  const dialect = server.dialects.find(({ owns }) => owns(bare.path));
  const system = { ...server.context({ kind: "system" }, null, bare), door: dialect?.door };
  if (!dialect || !(await isDoorOpen(system, dialect.door)))
    return Response.json({ message: "There is nothing here." }, { status: 404, headers: commonHeaders(bare) });
  let row: AnyVendorRow | null = null;
  let known: VendorCaller | null = null;
  try {
    const found = findRow(dialect, bare);
    row = found.row;
    const caller = await identify(dialect, row, system, bare);
    known = caller;
    admit(row, caller);
    const call: VendorCall = { ...bare, caller };
    const ctx = caller ? server.context(toActor(caller, dialect.door), row, bare) : system;
    const input = row.input.parse({ ...(await dialect.readInput(call, row)), ...found.params });
    const handler = await row.handler();
    const result = await handler(ctx, input, call);
    const body = row.output === null ? undefined : row.output.parse(result.body);
    return withCommon(dialect.respond({ ...result, body, status: result.status ?? row.status }, row, call), bare);
  } catch (thrown) {
    const ctx = known ? { ...system, actor: toActor(known, dialect.door) } : system;
    if (row && (known || row.roles === "anyone" || showsSomething(request)))
      await recordAttempt(ctx, thrown, attemptOf(row, known, bare));
    return withCommon(dialect.fail(toError(thrown, system, bare), row, bare), bare);
  }
}

function callOf(request: Request): Bare {
  const url = new URL(request.url);
  const host = request.headers.get("x-forwarded-host") ?? request.headers.get("host") ?? url.host;
  return {
    request,
    requestId: requestIdOf(request),
    address: request.headers.get("x-twincore-client-address") ?? "unknown",
    baseUrl: `https://${host}`,
    path: url.pathname.slice(VENDOR_ROOM.length) || "/",
  };
}

function findRow(dialect: Dialect, { request, path }: Bare) {
  let match = matchers.get(dialect);
  if (!match) {
    match = matcher<AnyVendorRow>(dialect.rows, { ignoreCase: dialect.ignoreCase });
    matchers.set(dialect, match);
  }
  const found = match(request.method, path.split("/").map(decode));
  if (found.kind === "found") return found;
  if (found.kind === "none") throw notFound("operation");
  throw new TwincoreError("wrong_method", `This address takes ${found.allow.join(" or ")}, not ${request.method}.`);
}

function decode(segment: string): string {
  try {
    const text = decodeURIComponent(segment);
    if (!text.includes("\0")) return text;
  } catch {
    // Told below, as for a text that the database cannot keep.
  }
  throw invalidInput("The address is not valid.");
}

async function identify(dialect: Dialect, row: AnyVendorRow, system: EngineContext, bare: Bare) {
  if (row.roles === "anyone") return null;
  const caller = await dialect.authenticate(system, bare);
  if (!caller) throw new TwincoreError("unauthenticated", "Sign in first.");
  return caller;
}

/** Throws forbidden when a caller may not call a row. */
function admit(row: AnyVendorRow, caller: VendorCaller | null): void {
  if (!caller || row.roles === "anyone") return;
  if (!row.roles.includes(caller.account.role))
    throw new TwincoreError(
      "forbidden",
      `The role ${caller.account.role} may not do this. It takes ${row.roles.join(" or ")}.`,
    );
  assertScope({ area: "vendors", method: row.method, needs: row.needs }, caller.credential);
  assertReach(row.reach, caller.account.tenantIds);
}

/** Clients whose token came to its end try it again and again before they sign in: that is one attempt an hour. */
const STALE_SECONDS = 3600;

/** Without a credential every call is refused: only one that has something to show is an attempt. */
const showsSomething = ({ headers }: Request) =>
  ["authorization", "authtoken", "x-auth-token", "cookie"].some((name) => headers.has(name));

function attemptOf(row: AnyVendorRow, caller: VendorCaller | null, { request, path }: Bare): Attempt {
  const isOrder = caller !== null && request.method !== "GET";
  const operation = row.name;
  return { operation, subject: path, isOrder, isNobody: !caller, windowSeconds: caller ? undefined : STALE_SECONDS };
}

function toError(thrown: unknown, { log }: EngineContext, { requestId, path }: Bare): TwincoreError {
  const error = thrown instanceof z.ZodError ? fromZod(thrown) : toTwincoreError(thrown);
  if (error.code === "internal") log.error({ requestId, path, err: thrown }, "a vendor request failed inside");
  return error;
}

const commonHeaders = ({ requestId }: Bare) => ({ "cache-control": "no-store", "x-request-id": requestId });

function withCommon(response: Response, bare: Bare): Response {
  for (const [name, value] of Object.entries(commonHeaders(bare)))
    if (!response.headers.has(name)) response.headers.set(name, value);
  return response;
}
