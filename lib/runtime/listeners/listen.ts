import type { Server } from "node:https";
import { systemCode, TwincoreError } from "@/lib/errors";

/** Listens, or says which address is not to be had. */
export function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause) => {
      const message = `Cannot listen on ${host}:${port} (${systemCode(cause)}). Another program may have taken it since the start.`;
      reject(new TwincoreError("unavailable", message, { cause }));
    });
    server.listen(port, host, resolve);
  });
}

/** What holds for every listener: slow requests are refused early, long transfers are not cut while bytes move. */
export const LIMITS = {
  maxHeaderSize: 16 * 1024,
  headersTimeout: 30_000,
  // No bound on a whole request: an upload of days is a right use. Silence is bounded by SILENCE_MS instead.
  requestTimeout: 0,
  keepAliveTimeout: 75_000,
} as const;

/** A connection on which nothing moves for this long is given up: the other side is gone or stuck. */
export const SILENCE_MS = 10 * 60_000;
/** A TLS handshake needs two round trips. */
export const HANDSHAKE_MS = 15_000;
