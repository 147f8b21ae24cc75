import "server-only";
import type { NextAuthOptions, User } from "next-auth";
import Credentials from "next-auth/providers/credentials";
import { engineContext } from "@/lib/context";
import { createSignIn, endSignIn, getSignIn, VerifySignInInput, verifySignIn } from "@/lib/engine/accounts";
import { TwincoreError } from "@/lib/errors";
import { log } from "@/lib/log";
import { encodeRefusal } from "./refusal";
import { authSecret, SIGN_IN_COOKIE } from "./sign-in-cookie";

/** A working day, as the row in the database; that one may end earlier. */
const SIGN_IN_SECONDS = 12 * 3600;

/** next-auth over our own sign-in rows: the cookie holds only the row's id, the row decides. */
export function authOptions(): NextAuthOptions {
  const ctx = engineContext({ kind: "system" });
  const cookie = { httpOnly: true, sameSite: "lax", path: "/", secure: true } as const;
  return {
    secret: authSecret(ctx.secret),
    session: { strategy: "jwt", maxAge: SIGN_IN_SECONDS },
    useSecureCookies: true,
    cookies: { sessionToken: { name: SIGN_IN_COOKIE, options: cookie } },
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
        authorize: (credentials, request) => authorize(credentials, request.headers ?? {}),
      }),
    ],
    callbacks: {
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
async function authorize(credentials: unknown, headers: Record<string, string | undefined>): Promise<User> {
  const address = headers["x-twincore-client-address"] ?? "unknown";
  const ctx = engineContext({ kind: "system" }, { address, door: "browser" });
  try {
    const input = VerifySignInInput.safeParse(credentials);
    if (!input.success) throw new TwincoreError("unauthenticated", "Give your e-mail address and your password.");
    const { account, way } = await verifySignIn(ctx, { ...input.data, address });
    const userAgent = headers["user-agent"] ?? "";
    const signIn = await createSignIn(ctx, { accountId: account.accountId, address, userAgent, way });
    return { id: signIn.id };
  } catch (thrown) {
    if (!(thrown instanceof TwincoreError)) log.error({ err: thrown }, "a sign-in failed inside");
    throw new Error(encodeRefusal(thrown));
  }
}
