import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import next from "next";
import type { RoleSettings } from "@/lib/runtime/role-environment";
import { findRoot } from "@/lib/runtime/root";

export interface NextHandler {
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
  /** Development only: the connection by which changed pages reach the browser. */
  upgrade: ((request: IncomingMessage, socket: Duplex, head: Buffer) => Promise<void>) | null;
}

/** Next's own request handler for this checkout, loaded and ready. */
export async function prepareNext(settings: RoleSettings): Promise<NextHandler> {
  const { dev, host, port } = settings;
  const app = next({ dev, dir: findRoot(), customServer: true, hostname: host, port });
  await app.prepare();
  const handle = app.getRequestHandler();
  return { handle, upgrade: dev ? app.getUpgradeHandler() : null };
}
