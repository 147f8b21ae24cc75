import type { IncomingMessage } from "node:http";
import { TLSSocket } from "node:tls";

// Everything our listeners tell the code behind them travels under this prefix, and nothing a client sends may.
const OWN_PREFIX = "x-twincore-";
const FORWARDED = [
  "x-forwarded-for",
  "x-forwarded-host",
  "x-forwarded-proto",
  "x-forwarded-port",
  "forwarded",
  "x-real-ip",
];

/** Deletes what only we may say, and says who is connected. Must run before anything else sees the request. */
export function stampRequest(request: IncomingMessage): void {
  for (const name of Object.keys(request.headers)) {
    if (name.startsWith(OWN_PREFIX) || FORWARDED.includes(name)) delete request.headers[name];
  }
  // The raw list keeps its length, which Node counts on; the names in it become harmless.
  const { rawHeaders } = request;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at]?.toLowerCase() ?? "";
    if (name.startsWith(OWN_PREFIX) || FORWARDED.includes(name)) rawHeaders.splice(at, 2, "x-removed", "");
  }
  request.headers["x-twincore-client-address"] = addressOf(request);
  request.headers["x-forwarded-for"] = addressOf(request);
  request.headers["x-forwarded-proto"] = "https";
  if (request.headers.host) request.headers["x-forwarded-host"] = request.headers.host;
}

const certificates = new WeakMap<TLSSocket, string>();

/** Says which certificate the other core has proved to hold the key of; nothing when it showed none. */
export function stampCertificate(request: IncomingMessage): void {
  const { socket } = request;
  if (!(socket instanceof TLSSocket)) return;
  let certificate = certificates.get(socket);
  if (certificate === undefined) {
    // An empty object when there is none. The handshake proved the key; whom it belongs to is the engine's question.
    const shown: { raw?: Buffer } = socket.getPeerCertificate();
    certificate = shown?.raw?.toString("base64") ?? "";
    certificates.set(socket, certificate);
  }
  if (certificate !== "") request.headers["x-twincore-peer-certificate"] = certificate;
}

/** IPv4 as people write it, also when it came in over a socket for both. */
function addressOf(request: IncomingMessage): string {
  return (request.socket.remoteAddress ?? "unknown").replace(/^::ffff:/, "");
}
