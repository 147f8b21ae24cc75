import { randomUUID } from "node:crypto";

/** The caller's own request id when it is harmless, else a new one; it goes into every log line and every error. */
export function requestIdOf(request: Request): string {
  const given = request.headers.get("x-request-id");
  return given && /^[\w.:-]{1,64}$/.test(given) ? given : randomUUID();
}
