import { readFileSync } from "node:fs";
import { z } from "zod";
import { TwincoreError } from "@/lib/errors";

/** What an environment may say of an identity provider, and what each means, for `--help`. */
export const IDENTITY_PROVIDER_VARIABLES = {
  TWINCORE_OIDC_ISSUER: "https address of an OpenID Connect provider; people may then sign in by it",
  TWINCORE_OIDC_CLIENT_ID: "what this core is called there",
  TWINCORE_OIDC_CLIENT_SECRET: "its secret there",
  TWINCORE_OIDC_CLIENT_SECRET_FILE: "or a file with it",
  TWINCORE_OIDC_NAME: "what stands on the button [Single sign-on]",
  TWINCORE_OIDC_ROLE_CLAIM: "claim that says what somebody may do here, such as groups or realm_access.roles",
  TWINCORE_OIDC_ROLES:
    "its values and the roles here: backup-admins=administrator,auditors=reader; the first that fits",
  TWINCORE_OIDC_TENANT_CLAIM: "claim with the names of the tenants that somebody is bound to; * is all of them",
} as const;

const ROLES = ["administrator", "approver", "engineer", "billing", "reader"] as const;
type RoleName = (typeof ROLES)[number];

/** An OpenID Connect provider that people may sign in by. */
export interface IdentityProvider {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly name: string;
  /** null: the provider says nothing of roles, and only accounts that are here already get in. */
  readonly roleClaim: string | null;
  /** Value of the claim → role; the first that fits counts. */
  readonly roles: readonly { readonly value: string; readonly role: RoleName }[];
  readonly tenantClaim: string | null;
}

const text = z.string().trim().optional().default("");

const Variables = z.object({
  TWINCORE_OIDC_ISSUER: text,
  TWINCORE_OIDC_CLIENT_ID: text,
  TWINCORE_OIDC_CLIENT_SECRET: text,
  TWINCORE_OIDC_CLIENT_SECRET_FILE: text,
  TWINCORE_OIDC_NAME: text,
  TWINCORE_OIDC_ROLE_CLAIM: text,
  TWINCORE_OIDC_ROLES: text,
  TWINCORE_OIDC_TENANT_CLAIM: text,
});

/** The provider that is configured, or null. Throws invalid_input that names the variable; never with the secret in it. */
export function readIdentityProvider(source: Record<string, string | undefined>): IdentityProvider | null {
  const set = Variables.parse(source);
  if (!set.TWINCORE_OIDC_ISSUER) return null;
  if (!isSafe(set.TWINCORE_OIDC_ISSUER))
    throw wrong("TWINCORE_OIDC_ISSUER", "write the https address of the provider, as it calls itself");
  if (!set.TWINCORE_OIDC_CLIENT_ID) throw wrong("TWINCORE_OIDC_CLIENT_ID", "the provider knows this core by it");
  const roleClaim = set.TWINCORE_OIDC_ROLE_CLAIM || null;
  const roles = readRoles(set.TWINCORE_OIDC_ROLES);
  if ((roleClaim === null) !== (roles.length === 0))
    throw wrong(roleClaim === null ? "TWINCORE_OIDC_ROLE_CLAIM" : "TWINCORE_OIDC_ROLES", "the two go together");
  return {
    issuer: set.TWINCORE_OIDC_ISSUER,
    clientId: set.TWINCORE_OIDC_CLIENT_ID,
    clientSecret: readSecret(set.TWINCORE_OIDC_CLIENT_SECRET, set.TWINCORE_OIDC_CLIENT_SECRET_FILE),
    name: set.TWINCORE_OIDC_NAME.slice(0, 60) || "Single sign-on",
    roleClaim,
    roles,
    tenantClaim: set.TWINCORE_OIDC_TENANT_CLAIM || null,
  };
}

/** Codes and tokens travel there: over TLS, or without leaving this machine. */
function isSafe(issuer: string): boolean {
  if (!URL.canParse(issuer)) return false;
  const { protocol, hostname } = new URL(issuer);
  const isLocal = hostname === "localhost" || hostname === "[::1]" || /^127(\.\d{1,3}){3}$/.test(hostname);
  return protocol === "https:" || (protocol === "http:" && isLocal);
}

function readRoles(text: string): { value: string; role: RoleName }[] {
  return text
    .split(",")
    .filter((pair) => pair.trim() !== "")
    .map((pair) => {
      const at = pair.lastIndexOf("=");
      const role = ROLES.find((name) => name === pair.slice(at + 1).trim());
      const value = pair.slice(0, Math.max(at, 0)).trim();
      if (!role || !value) throw wrong("TWINCORE_OIDC_ROLES", `write value=role, with one of ${ROLES.join(", ")}`);
      return { value, role };
    });
}

function readSecret(secret: string, file: string): string {
  if (secret) return secret;
  if (!file) throw wrong("TWINCORE_OIDC_CLIENT_SECRET", "set it, or TWINCORE_OIDC_CLIENT_SECRET_FILE");
  try {
    return readFileSync(file, "utf8").trim();
  } catch (cause) {
    throw new TwincoreError("invalid_input", `TWINCORE_OIDC_CLIENT_SECRET_FILE: ${file} cannot be read.`, { cause });
  }
}

const wrong = (variable: string, hint: string) =>
  new TwincoreError("invalid_input", `${variable} is missing or wrong: ${hint}.`);
