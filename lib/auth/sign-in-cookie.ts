import "server-only";
import { createHmac } from "node:crypto";
import { decode } from "next-auth/jwt";

/** `__Host-`: the browser sends it to this host and over TLS only, and no sub-domain can set it. */
export const SIGN_IN_COOKIE = "__Host-twincore-sign-in";

/** next-auth's key, derived so that the key-encryption key itself never leaves its own use. */
export function authSecret(secret: Buffer): string {
  return createHmac("sha256", secret).update("twincore/next-auth/1").digest("hex");
}

/** The id of the sign-in a cookie carries; null when it is absent, forged or expired. Says nothing of whether it still holds. */
export async function readSignInId(cookie: string | undefined, secret: Buffer): Promise<string | null> {
  if (!cookie) return null;
  // A cookie that does not decrypt is a cookie that nobody gave: forged, expired, or of another core on this host.
  const token = await decode({ token: cookie, secret: authSecret(secret) }).catch(() => null);
  return typeof token?.signInId === "string" ? token.signInId : null;
}

/** The sign-in cookie out of a Cookie header. */
export function signInCookieOf(header: string | null): string | undefined {
  for (const part of header?.split(";") ?? []) {
    const [name, value] = part.trim().split("=", 2);
    if (name === SIGN_IN_COOKIE) return value;
  }
  return undefined;
}
