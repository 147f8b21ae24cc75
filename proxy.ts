import { type NextRequest, NextResponse } from "next/server";
import { contentSecurityPolicy } from "@/lib/auth/content-security-policy";

/** Repeated from lib/auth/sign-in-cookie.ts, which is server-only and would pull next-auth into every page request. */
const SIGN_IN_COOKIE = "__Host-twincore-sign-in";
const OPEN_PAGES = new Set(["/sign-in", "/setup", "/link"]);

/**
 * Pages only. A proxy that matched the API or the peer door would cut their bodies off at 10 MB without a word.
 * The cookie is only looked for here; whether it holds is asked of the database by the page and by the API.
 */
export function proxy(request: NextRequest): NextResponse {
  const { pathname, search } = request.nextUrl;
  if (!OPEN_PAGES.has(pathname) && !request.cookies.has(SIGN_IN_COOKIE)) {
    const next = pathname === "/" ? "" : `?next=${encodeURIComponent(pathname + search)}`;
    return NextResponse.redirect(new URL(`/sign-in${next}`, request.url));
  }
  const nonce = crypto.randomUUID();
  const policy = contentSecurityPolicy(nonce, process.env.NODE_ENV === "development");
  const headers = new Headers(request.headers);
  headers.set("x-nonce", nonce);
  headers.set("content-security-policy", policy);
  const response = NextResponse.next({ request: { headers } });
  response.headers.set("content-security-policy", policy);
  response.headers.set("referrer-policy", "no-referrer");
  response.headers.set("x-content-type-options", "nosniff");
  return response;
}

export const config = {
  matcher: ["/((?!api/|apprecovery|vendors/|vendors$|_next/|healthz|readyz|icon|apple-icon|logo).*)"],
};
