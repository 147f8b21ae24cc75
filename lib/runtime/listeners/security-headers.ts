import type { IncomingMessage, ServerResponse } from "node:http";

/** Nothing that this product's pages use, switched off for them and for whatever could be put into them. */
const UNUSED = [
  "accelerometer",
  "camera",
  "display-capture",
  "geolocation",
  "gyroscope",
  "magnetometer",
  "microphone",
  "midi",
  "payment",
  "usb",
];

/**
 * What holds for every answer of every listener. No Strict-Transport-Security: listeners speak TLS only, so that there is nothing to upgrade, and
 * after it a browser no longer lets a person accept the certificate that a core signed for itself; it would also hold for every other port of the host.
 */
const ALWAYS: Readonly<Record<string, string>> = {
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "x-frame-options": "DENY",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": UNUSED.map((name) => `${name}=()`).join(", "),
};

/** An answer of an API is data: shown as a page it may load and run nothing, and it is kept nowhere unless its route says so. */
const OF_DATA: Readonly<Record<string, string>> = {
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  "cache-control": "no-store",
};

/** Of the web listener; the others answer data alone. */
const DATA = /^\/(api|healthz|readyz)(\/|\?|$)/;

/** Sets them before anything answers; a route that says otherwise wins. Pages have a policy of their own, with a nonce: see proxy.ts. */
export function setSecurityHeaders(request: IncomingMessage, response: ServerResponse, hasPages: boolean): void {
  for (const [name, value] of Object.entries(ALWAYS)) response.setHeader(name, value);
  if (hasPages && !DATA.test(request.url ?? "")) return;
  for (const [name, value] of Object.entries(OF_DATA)) response.setHeader(name, value);
}
