import { constants } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Server } from "node:https";
import { Socket } from "node:net";
import { stampCertificate } from "@/lib/runtime/listeners/identity-headers";
import { toPeerTarget } from "@/lib/runtime/listeners/peer-target";
import { serveListener } from "@/lib/runtime/listeners/serve";
import { runRole } from "@/lib/runtime/run-role";

// A core keeps about a dozen connections to another; many cores may sit behind one address.
const CONNECTIONS_MAX = 1_000;
const CONNECTIONS_PER_ADDRESS_MAX = 250;

/**
 * The role peer: other cores, over TLS 1.3. Any certificate is taken, because the first contact is with one nobody knows;
 * what it may do is decided behind us, from the header that only this listener sets.
 */
runRole((context) =>
  serveListener(context, {
    name: "peer",
    tls: {
      minVersion: "TLSv1.3",
      maxVersion: "TLSv1.3",
      requestCert: true,
      rejectUnauthorized: false,
      // A resumed connection would come without the certificate that says who it is.
      secureOptions: constants.SSL_OP_NO_TICKET,
    },
    connectionsMax: CONNECTIONS_MAX,
    guard: peerRequestsOnly,
    prepareServer: limitPerAddress,
  }),
);

function peerRequestsOnly(request: IncomingMessage, response: ServerResponse): boolean {
  const target = toPeerTarget(request.url ?? "");
  if (target !== null) {
    request.url = target;
    stampCertificate(request);
    return false;
  }
  response.writeHead(404, { "content-type": "text/plain" }).end("There is nothing here.\n");
  return true;
}

function limitPerAddress(server: Server): void {
  const open = new Map<string, number>();
  server.on("connection", (socket) => {
    const address = (socket instanceof Socket && socket.remoteAddress) || "unknown";
    const count = (open.get(address) ?? 0) + 1;
    if (count > CONNECTIONS_PER_ADDRESS_MAX) return socket.destroy();
    open.set(address, count);
    socket.once("close", () => {
      const left = (open.get(address) ?? 1) - 1;
      if (left > 0) open.set(address, left);
      else open.delete(address);
    });
  });
}
