import type { ServerResponse } from "node:http";

/** Under this name a route says how long its streamed body is; clients never see it. */
const DECLARED = "x-twincore-body-length";

/**
 * Sends a streamed answer with the exact Content-Length that its route declared. Next removes that header from every route's
 * answer (its send-response.js), because a fetched body may have been decoded on the way; ours never is.
 */
export function keepDeclaredLength(response: ServerResponse): void {
  const writeHead = response.writeHead;
  // Also called by Node itself when a body is written before any head, hence on the instance.
  response.writeHead = function (this: ServerResponse, ...head: unknown[]) {
    const declared = this.getHeader(DECLARED);
    if (declared !== undefined) {
      this.removeHeader(DECLARED);
      this.setHeader("content-length", String(declared));
    }
    return Reflect.apply(writeHead, this, head);
  } as typeof writeHead;
}
