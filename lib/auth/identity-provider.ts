import "server-only";
import type { OAuthConfig } from "next-auth/providers/oauth";
import { engineContext } from "@/lib/context";
import { signInByIdentity } from "@/lib/engine/accounts/identity-provider";
import { env } from "@/lib/env";
import type { IdentityProvider } from "@/lib/env/identity-provider";
import { toTwincoreError } from "@/lib/errors";
import { log } from "@/lib/log";
import { toIdentity } from "./claims";

/** The name of the provider in next-auth's addresses: /api/auth/callback/sso. */
export const SSO = "sso";
/** A provider that does not answer for so long is down; people have their password. */
const TIMEOUT_MS = 10_000;

/** What stands on its button; null: none is configured. */
export const identityProviderName = (): string | null => env().identityProvider?.name ?? null;

type Claims = Record<string, unknown>;

/** next-auth's side of an OpenID Connect provider: code flow with PKCE, state and nonce. */
export function ssoProvider(provider: IdentityProvider): OAuthConfig<Claims> {
  return {
    id: SSO,
    name: provider.name,
    type: "oauth",
    wellKnown: `${provider.issuer.replace(/\/+$/, "")}/.well-known/openid-configuration`,
    issuer: provider.issuer,
    clientId: provider.clientId,
    clientSecret: provider.clientSecret,
    authorization: { params: { scope: "openid email profile" } },
    checks: ["pkce", "state", "nonce"],
    idToken: true,
    httpOptions: { timeout: TIMEOUT_MS },
    // The ID token is verified; many providers tell address and groups only at their userinfo address, whose subject must be the same.
    userinfo: {
      async request({ client, tokens }) {
        // next-auth types as plain data what openid-client made.
        const set = tokens as unknown as { claims(): Claims } & Exclude<Parameters<typeof client.userinfo>[0], string>;
        const told = client.issuer.metadata.userinfo_endpoint ? await client.userinfo(set) : {};
        return { ...told, ...set.claims() };
      },
    },
    profile: (claims) => ({ id: String(claims.sub) }),
  };
}

/** What became of somebody who comes back from the provider: a sign-in, or the address of the page that says why not. */
export async function admit(
  provider: IdentityProvider,
  claims: unknown,
  from: { address: string; userAgent: string },
): Promise<{ signInId: string } | { refusedTo: string }> {
  try {
    const identity = toIdentity(provider, claims);
    const ctx = engineContext({ kind: "system" }, { address: from.address });
    return { signInId: (await signInByIdentity(ctx, { identity, ...from })).id };
  } catch (thrown) {
    const error = toTwincoreError(thrown);
    log.warn({ code: error.code, why: error.options.detail, address: from.address }, "a single sign-on was refused");
    // One of a few fixed words: nothing that somebody could put into a link becomes text on our page.
    return { refusedTo: `/sign-in?refused=${encodeURIComponent(error.options.detail ?? error.code)}` };
  }
}
