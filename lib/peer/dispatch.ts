import "server-only";
import { recordAttempt } from "@/lib/engine/audit";
import type { Actor, EngineContext } from "@/lib/engine/context";
import { administratorActor, type Caller } from "@/lib/engine/pairing/caller";
import { noteClock, skewOf, TIME_HEADER } from "@/lib/engine/pairing/clock";
import { sha256, toFingerprint } from "@/lib/engine/trust";
import { invalidInput, notFound, TwincoreError } from "@/lib/errors";
import { matcher } from "@/lib/http/match";
import { requestIdOf } from "@/lib/http/request-id";
import { streamOf } from "./body";
import { admit, fail, readInput, respond } from "./dialect";
import { ADDRESS_HEADER, certificateOf, identify } from "./identity";
import { answerFormat } from "./negotiate";
import { type AnyOperation, PEER_PREFIX } from "./operation";
import { operations } from "./operations";
import { answerSignInProbe, isSignInProbe } from "./sign-in-probe";

/** What the dispatcher must know of the process it runs in. */
export interface PeerProcess {
  /** Only the peer role has a listener in front that stamps who calls; everywhere else the header could be anybody's. */
  readonly role: string;
  readonly context: (actor: Actor, requestId: string, address: string) => EngineContext;
}

const routes = (rows: readonly AnyOperation[]) =>
  matcher(
    rows.flatMap((row) => [row.path, ...(row.aliases ?? [])].map((path) => ({ method: row.method, path, row }))),
    { ignoreCase: true },
  );

const match = routes(operations);

/** Serves the peer protocol from its table: match → identify → admit → read → parse → engine verb → answer. */
export async function dispatch(request: Request, process: PeerProcess): Promise<Response> {
  const requestId = requestIdOf(request);
  const address = request.headers.get(ADDRESS_HEADER) ?? "unknown";
  const contextOf = (actor: Actor): EngineContext => ({
    ...process.context(actor, requestId, address),
    address,
    door: "peer",
  });
  const anonymous = contextOf({ kind: "system" });
  const answering = { requestId, format: answerFormat(request) };
  let attempt: Attempted = { operation: "", caller: null };
  try {
    if (process.role !== "peer") throw notFound("operation");
    if (isSignInProbe(request)) return answerSignInProbe(await identify(anonymous, request));
    const { row, params } = findRow(request);
    attempt = { ...attempt, operation: row.name };
    const caller = await identify(anonymous, request);
    attempt = { ...attempt, caller };
    admit(row, caller);
    const input = await readInput(row, request, params);
    const handler = await row.handler();
    const ctx = contextOf(actorOf(caller, anonymous.now()));
    if (caller.standing === "paired" && caller.pairingId) await compareClocks(ctx, caller.pairingId, request);
    const result = await handler(ctx, input, { body: streamOf(request), signal: request.signal, caller });
    const response = respond(row, result, answering);
    response.headers.set(TIME_HEADER, ctx.now().toISOString());
    return response;
  } catch (thrown) {
    await recordRefused(anonymous, request, thrown, attempt);
    return fail(thrown, answering, anonymous.log);
  }
}

/** The way here took a moment, so its clock looks that much slower than it is. */
async function compareClocks(ctx: EngineContext, pairingId: string, request: Request): Promise<void> {
  const skewMs = skewOf(request.headers.get(TIME_HEADER), ctx.now(), ctx.now());
  if (skewMs !== null) await noteClock(ctx, pairingId, skewMs);
}

interface Attempted {
  readonly operation: string;
  readonly caller: Caller | null;
}

/** A core whose pairing was ended goes on asking, and does not read the trail: that is one attempt an hour. */
const STALE_SECONDS = 3600;

/** Who was refused here is in the audit trail: a certificate that is not admitted, credentials that are wrong, a core that may not. */
async function recordRefused(ctx: EngineContext, request: Request, thrown: unknown, attempt: Attempted): Promise<void> {
  const { operation, caller } = attempt;
  const certificate = certificateOf(request);
  // Whoever shows nothing is a port scanner, or has just not been asked for it.
  if (operation === "" || (!certificate && !request.headers.has("authorization"))) return;
  const actor = caller ? actorOf(caller, ctx.now()) : ctx.actor;
  const isNobody = actor.kind === "system";
  const subject = certificate ? toFingerprint(sha256(certificate)) : "";
  const detail = caller?.pairingId ? { peer: caller.name, pairingId: caller.pairingId } : {};
  const windowSeconds = isNobody && certificate ? STALE_SECONDS : undefined;
  await recordAttempt({ ...ctx, actor }, thrown, {
    operation,
    subject,
    isOrder: false,
    isNobody,
    detail,
    windowSeconds,
  });
}

function actorOf(caller: Caller, now: Date): Actor {
  if (caller.standing === "paired" && caller.pairingId)
    return { kind: "peer", pairingId: caller.pairingId, name: caller.name };
  if (caller.administrator) return administratorActor(caller.administrator, now);
  return caller.enrolment ? { kind: "enrolment", ...caller.enrolment } : { kind: "system" };
}

function findRow(request: Request): { row: AnyOperation; params: Record<string, string> } {
  const { pathname } = new URL(request.url);
  const below = `${pathname}/`.slice(0, PEER_PREFIX.length + 1).toLowerCase() === `${PEER_PREFIX}/`;
  if (!below) throw notFound("operation");
  const found = match(request.method, pathname.slice(PEER_PREFIX.length).split("/").map(decode));
  if (found.kind === "found") return { row: found.row.row, params: found.params };
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
