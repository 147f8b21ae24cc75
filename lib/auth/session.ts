import "server-only";
import { cookies } from "next/headers";
import { redirect } from "next/navigation";
import { cache } from "react";
import { engineContext } from "@/lib/context";
import { getSignIn, type SignedIn } from "@/lib/engine/accounts";
import type { Me } from "@/lib/engine/accounts/schemas";
import { readSignInId, SIGN_IN_COOKIE, signInCookieOf } from "./sign-in-cookie";

/** Who sent a request, by its sign-in cookie; null when nobody is signed in. Asks the database every time, so that an ended sign-in ends at once. */
export function accountFromRequest(request: Request): Promise<SignedIn | null> {
  return identify(signInCookieOf(request.headers.get("cookie")));
}

/** Who looks at the page that is being rendered; one question to the database per render. */
const currentSignIn = cache(async () => identify((await cookies()).get(SIGN_IN_COOKIE)?.value));

/** The account that looks at it, or null. */
export const currentAccount = async (): Promise<Me | null> => (await currentSignIn())?.account ?? null;

/** The same, or off to the sign-in page. */
export async function requireSignIn(): Promise<SignedIn> {
  return (await currentSignIn()) ?? redirect("/sign-in");
}

async function identify(cookie: string | undefined): Promise<SignedIn | null> {
  const ctx = engineContext({ kind: "system" });
  const id = await readSignInId(cookie, ctx.secret);
  return id ? getSignIn(ctx, { id }) : null;
}
