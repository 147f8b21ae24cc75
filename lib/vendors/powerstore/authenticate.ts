import type { EngineContext } from "@/lib/engine/context";
import { findVendorSignIn, verifyVendorPassword } from "@/lib/engine/vendor-sign-ins";
import { TwincoreError } from "@/lib/errors";
import type { VendorCall, VendorCaller } from "../row";

export const COOKIE = "auth_cookie";
export const TOKEN_HEADER = "dell-emc-token";

type Bare = Omit<VendorCall, "caller">;

/**
 * Who calls: by the cookie of a sign-in, which takes its token beside it for anything but reading, or by name and password. A cookie that is
 * not valid any more and a missing token are 403, on which clients sign in again; wrong or no credentials are 401.
 */
export async function authenticate(system: EngineContext, bare: Bare): Promise<VendorCaller | null> {
  const basic = basicOf(bare.request);
  const byCookie = await findByCookie(system, bare);
  if (byCookie?.counts) return byCookie.caller;
  if (basic) return { ...(await verifyVendorPassword(system, { ...basic, address: bare.address })), signInId: null };
  if (cookieOf(bare.request) === null) return null;
  throw new TwincoreError(
    "forbidden",
    byCookie
      ? `A change takes the ${TOKEN_HEADER.toUpperCase()} of this sign-in.`
      : "This sign-in has ended. Sign in again.",
    { detail: "token" },
  );
}

async function findByCookie(system: EngineContext, { request }: Bare) {
  const token = cookieOf(request);
  if (token === null) return null;
  const second = request.headers.get(TOKEN_HEADER);
  const found = await findVendorSignIn(system, { door: "powerstore", token, second });
  if (!found) return null;
  const caller: VendorCaller = { account: found.account, credential: found.credential, signInId: found.id };
  return { caller, counts: request.method === "GET" || found.hasSecond };
}

/** The cookie, also from a client that sends the whole Set-Cookie line back. */
export function cookieOf(request: Request): string | null {
  const found = (request.headers.get("cookie") ?? "")
    .split(/[;,]/)
    .map((part) => part.trim())
    .findLast((part) => part.startsWith(`${COOKIE}=`));
  return found?.slice(COOKIE.length + 1) || null;
}

export interface Basic {
  readonly email: string;
  readonly password: string;
}

/** Name and password of HTTP Basic; null: there are none, or they are not well formed. */
export function basicOf(request: Request): Basic | null {
  const found = /^Basic\s+([A-Za-z0-9+/=_-]{1,4000})$/i.exec(request.headers.get("authorization") ?? "");
  const text = Buffer.from(found?.[1] ?? "", "base64").toString("utf8");
  const colon = text.indexOf(":");
  if (!found || colon < 1 || text.includes("\0")) return null;
  return { email: text.slice(0, colon), password: text.slice(colon + 1) };
}
