import type { Caller } from "@/lib/engine/pairing/caller";
import { TwincoreError } from "@/lib/errors";

/** Existing clients ask for this page of the original console first, to learn whether their credentials are right. */
const PROBE_PATH = "/apprecovery/admin/core";

export const isSignInProbe = (request: Request): boolean =>
  request.method === "GET" && new URL(request.url).pathname.toLowerCase() === PROBE_PATH;

/** 200 for an administrator of this core. Throws unauthenticated for anybody else. */
export function answerSignInProbe({ administrator }: Caller): Response {
  if (!administrator) throw new TwincoreError("unauthenticated", "Send an administrator's name and password by Basic.");
  return new Response("This core takes these credentials.\n", {
    headers: { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" },
  });
}
