import { z } from "zod";
import type { ProvenIdentity } from "@/lib/engine/accounts/identity-provider";
import type { IdentityProvider } from "@/lib/env/identity-provider";

/** What every OpenID provider may say of somebody; of other claims only the configured ones are looked at. */
const Claims = z.looseObject({
  sub: z.string().min(1),
  email: z.string().nullish(),
  // Some providers write it as text.
  email_verified: z.union([z.boolean(), z.enum(["true", "false"]).transform((text) => text === "true")]).nullish(),
  name: z.string().nullish(),
  preferred_username: z.string().nullish(),
  auth_time: z.number().nullish(),
});

/** More names of groups than anybody has, and an end to a claim that a client can write. */
const VALUES_MAX = 500;

/** The claims of a provider's verified answer, in the engine's words. Throws a ZodError when they are no claims. */
export function toIdentity(provider: IdentityProvider, answer: unknown): ProvenIdentity {
  const claims = Claims.parse(answer);
  return {
    issuer: provider.issuer,
    subject: claims.sub,
    email: claims.email ?? null,
    isEmailVerified: claims.email_verified === true,
    name: (claims.name ?? claims.preferred_username ?? null)?.slice(0, 120) ?? null,
    role: provider.roleClaim === null ? undefined : roleOf(provider, valuesOf(claims, provider.roleClaim)),
    tenants: provider.tenantClaim === null ? undefined : tenantsOf(valuesOf(claims, provider.tenantClaim)),
    authenticatedAt: claims.auth_time ? new Date(claims.auth_time * 1000) : null,
  };
}

const roleOf = ({ roles }: IdentityProvider, values: string[]) =>
  roles.find(({ value }) => values.includes(value))?.role ?? null;

const tenantsOf = (values: string[]) => (values.includes("*") ? "all" : values);

/** The texts under a claim: one or a list; a dot in the name leads inside. */
function valuesOf(claims: Record<string, unknown>, claim: string): string[] {
  const inside = claim.split(".").reduce<unknown>((at, part) => (isObject(at) ? at[part] : undefined), claims);
  const found = claims[claim] ?? inside;
  const list: unknown[] = Array.isArray(found) ? found.slice(0, VALUES_MAX) : [found];
  return list.filter((value): value is string => typeof value === "string");
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;
