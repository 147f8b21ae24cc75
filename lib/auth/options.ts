import "server-only";
import type { NextAuthOptions, User } from "next-auth";
import Credentials from "next-auth/providers/credentials";
import { engineContext } from "@/lib/context";
import { createSignIn, endSignIn, getSignIn, VerifySignInInput, verifySignIn } from "@/lib/engine/accounts";
import { env } from "@/lib/env";
import { TwincoreError } from "@/lib/errors";
import { log } from "@/lib/log";
import { admit, SSO, ssoProvider } from "./identity-provider";
import { encodeRefusal } from "./refusal";
import { authSecret, SIGN_IN_COOKIE } from "./sign-in-cookie";

/** A working day, as the row in the database; that one may end earlier. */
const SIGN_IN_SECONDS = 12 * 3600;

const OPTIONS = { httpOnly: true, sameSite: "lax", path: "/", secure: true } as const;
/** As long as somebody may need at the provider's pages. */
const PENDING = { ...OPTIONS, maxAge: 900 } as const;

/** All of them `__Host-`: sent to this host and over TLS only, and no sub-domain can set one. */
const COOKIES = {
  sessionToken: { name: SIGN_IN_COOKIE, options: OPTIONS },
  callbackUrl: { name: "__Host-twincore-callback-url", options: OPTIONS },
  csrfToken: { name: "__Host-twincore-csrf-token", options: OPTIONS },
  pkceCodeVerifier: { name: "__Host-twincore-pkce-code-verifier", options: PENDING },
  state: { name: "__Host-twincore-state", options: PENDING },
  nonce: { name: "__Host-twincore-nonce", options: PENDING },
} as const;

/** next-auth over our own sign-in rows: the cookie holds only the row's id, the row decides. */
export function authOptions(headers: Headers): NextAuthOptions {
  const ctx = engineContext({ kind: "system" });
  const { identityProvider } = env();
  const from = {
    address: headers.get("x-twincore-client-address") ?? "unknown",
    userAgent: headers.get("user-agent") ?? "",
  };
  return {
    secret: authSecret(ctx.secret),
    session: { strategy: "jwt", maxAge: SIGN_IN_SECONDS },
    useSecureCookies: true,
    cookies: COOKIES,
    pages: { signIn: "/sign-in", error: "/sign-in" },
    logger: {
      error: (code) => log.warn({ code }, "next-auth reported an error"),
      warn: () => undefined,
      debug: () => undefined,
    },
    providers: [
      Credentials({
        name: "Password",
        credentials: { email: { type: "email" }, password: { type: "password" }, code: { type: "text" } },
        authorize: (credentials) => authorize(credentials, from),
      }),
      ...(identityProvider ? [ssoProvider(identityProvider)] : []),
    ],
    callbacks: {
      signIn: async ({ user, account, profile }) => {
        if (account?.provider !== SSO || !identityProvider) return true;
        const admitted = await admit(identityProvider, profile, from);
        if ("refusedTo" in admitted) return admitted.refusedTo;
        // What authorize() answers for a password: the id of the sign-in is all that the cookie carries.
        user.id = admitted.signInId;
        return true;
      },
      jwt: ({ token, user }) => (user ? { signInId: user.id } : token),
      session: async ({ session, token }) => {
        const found = typeof token.signInId === "string" ? await getSignIn(ctx, { id: token.signInId }) : null;
        return found ? { expires: session.expires, user: found.account } : { expires: new Date(0).toISOString() };
      },
    },
    events: {
      signOut: async ({ token }) => {
        if (typeof token?.signInId === "string") await endSignIn(ctx, { id: token.signInId });
      },
    },
  };
}

/** Verifies and opens a sign-in; what it throws reaches the form as a Refusal. */
async function authorize(credentials: unknown, from: { address: string; userAgent: string }): Promise<User> {
  const ctx = engineContext({ kind: "system" }, { address: from.address, door: "browser" });
  try {
    const input = VerifySignInInput.safeParse(credentials);
    if (!input.success) throw new TwincoreError("unauthenticated", "Give your e-mail address and your password.");
    const { account, way } = await verifySignIn(ctx, { ...input.data, address: from.address });
    const signIn = await createSignIn(ctx, { accountId: account.accountId, ...from, way });
    return { id: signIn.id };
  } catch (thrown) {
    if (!(thrown instanceof TwincoreError)) log.error({ err: thrown }, "a sign-in failed inside");
    throw new Error(encodeRefusal(thrown));
  }
}
