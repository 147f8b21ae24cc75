import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server, type ServerOptions } from "node:https";
import type { ListenerInput } from "@/lib/engine/trust";
import type { RoleContext, RunningRole } from "@/lib/runtime/run-role";
import { keepDeclaredLength } from "./body-length";
import { openCertificate } from "./certificate";
import { Drain } from "./drain";
import { Health } from "./health";
import { stampRequest } from "./identity-headers";
import { HANDSHAKE_MS, LIMITS, listen, SILENCE_MS } from "./listen";
import { type NextHandler, prepareNext } from "./next-handler";
import { setSecurityHeaders } from "./security-headers";

export interface ListenerPlan {
  name: ListenerInput["name"];
  tls: ServerOptions;
  connectionsMax: number;
  /** Sees every request after it was stamped and before Next; true when it has answered. */
  guard: (request: IncomingMessage, response: ServerResponse) => boolean;
  prepareServer?: (server: Server) => void;
}

/** One https listener in front of Next: bound at once, answering health, holding other requests until Next is loaded. */
export async function serveListener(context: RoleContext, plan: ListenerPlan): Promise<RunningRole> {
  const { settings, log, db } = context;
  // The slowest part of a start: it loads while the database is asked for the certificate.
  const next = prepareNext(settings);
  next.catch(() => undefined);
  const certificate = await openCertificate(context, plan.name);
  const { key, cert } = certificate.first;
  const health = new Health(db);
  const drain = new Drain();
  const handler = (request: IncomingMessage, response: ServerResponse) => {
    drain.track(response);
    stampRequest(request);
    setSecurityHeaders(request, response, plan.name === "web");
    keepDeclaredLength(response);
    if (health.answer(pathOf(request), response) || plan.guard(request, response)) return;
    next.then(({ handle }) => handle(request, response)).catch((error: unknown) => refuse(response, error, log));
  };
  const server = createServer({ ...LIMITS, ...plan.tls, key, cert, handshakeTimeout: HANDSHAKE_MS }, handler);
  server.maxConnections = plan.connectionsMax;
  server.setTimeout(SILENCE_MS);
  server.on("upgrade", (request, socket, head) => void upgrade(next, request, socket, head));
  // Port scanners and clients that do not trust us end here all the time; it is no error of ours.
  server.on("tlsClientError", (_error, socket) => socket.destroy());
  plan.prepareServer?.(server);
  certificate.follow(server);
  await listen(server, settings.host, settings.port);
  await next;
  health.role = "ok";
  const stop = (signal: AbortSignal) => {
    health.role = "stopping";
    return drain.stop(server, signal);
  };
  return { stop };
}

function pathOf(request: IncomingMessage): string | undefined {
  return request.url?.split("?", 1)[0];
}

async function upgrade(
  next: Promise<NextHandler>,
  ...[request, socket, head]: Parameters<NonNullable<NextHandler["upgrade"]>>
): Promise<void> {
  socket.on("error", () => undefined);
  const handler = await next.catch(() => null);
  if (handler?.upgrade) await handler.upgrade(request, socket, head);
  else socket.destroy();
}

function refuse(response: ServerResponse, error: unknown, log: RoleContext["log"]): void {
  log.error({ error: error instanceof Error ? error.stack : String(error) }, "a request failed outside its handler");
  if (response.headersSent) response.destroy();
  else response.writeHead(500, { "content-type": "text/plain" }).end("Something went wrong inside this core.\n");
}
