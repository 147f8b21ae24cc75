import "server-only";
import type { Actor, EngineContext } from "@/lib/engine/context";
import { administratorActor, type Caller } from "@/lib/engine/pairing/caller";
import { invalidInput, notFound, TwincoreError } from "@/lib/errors";
import { matcher } from "@/lib/http/match";
import { requestIdOf } from "@/lib/http/request-id";
import { streamOf } from "./body";
import { admit, fail, readInput, respond } from "./dialect";
import { ADDRESS_HEADER, identify } from "./identity";
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
  const anonymous = process.context({ kind: "system" }, requestId, address);
  const answering = { requestId, format: answerFormat(request) };
  try {
    if (process.role !== "peer") throw notFound("operation");
    if (isSignInProbe(request)) return answerSignInProbe(await identify(anonymous, request));
    const { row, params } = findRow(request);
    const caller = await identify(anonymous, request);
    admit(row, caller);
    const input = await readInput(row, request, params);
    const handler = await row.handler();
    const ctx = process.context(actorOf(caller, anonymous.now()), requestId, address);
    const result = await handler(ctx, input, { body: streamOf(request), signal: request.signal, caller });
    return respond(row, result, answering);
  } catch (thrown) {
    return fail(thrown, answering, anonymous.log);
  }
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
