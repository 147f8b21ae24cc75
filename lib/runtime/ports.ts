import { randomInt } from "node:crypto";
import { createServer } from "node:net";
import { systemCode } from "@/lib/errors";

// Below the range from which the systems we know give out ports for outgoing connections (Linux 32768+, macOS 49152+):
// a port picked here cannot be taken by somebody's connection between our look and our listen.
const AUTOMATIC_FIRST = 20_000;
const AUTOMATIC_LAST = 31_999;
const ATTEMPTS_MAX = 200;

/** Can this address be listened on? Resolves to null, or to the error code (EADDRINUSE, EACCES, EADDRNOTAVAIL…). */
export function probePort(host: string, port: number): Promise<string | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", (error) => resolve(systemCode(error) ?? "unknown"));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(null)));
  });
}

/** A free port for port 0 ("any"), known before the process that will listen on it is started. */
export async function freePort(host: string): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    const port = randomInt(AUTOMATIC_FIRST, AUTOMATIC_LAST + 1);
    const problem = await probePort(host, port);
    if (problem === null) return port;
    if (problem !== "EADDRINUSE" && problem !== "EACCES") throw new Error(`Cannot listen on ${host}: ${problem}`);
  }
  throw new Error(`No free port between ${AUTOMATIC_FIRST} and ${AUTOMATIC_LAST} on ${host}.`);
}
