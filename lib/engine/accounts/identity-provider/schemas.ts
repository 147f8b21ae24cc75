import { z } from "zod";
import { Role } from "../schemas";

/** Why somebody whom the identity provider knows is not let in here. */
export const IdentityRefusal = z.enum([
  "unknown-account",
  "email-unverified",
  "no-role",
  "no-tenant",
  "disabled",
  "other-identity",
]);
export type IdentityRefusal = z.infer<typeof IdentityRefusal>;

/** Somebody as a provider that this core trusts describes them. */
export const ProvenIdentity = z.object({
  issuer: z.string().min(1).max(500),
  subject: z.string().min(1).max(255),
  email: z.string().max(254).nullable(),
  isEmailVerified: z.boolean(),
  name: z.string().max(120).nullable(),
  /** undefined: the provider is not asked for roles; null: it names none that this core knows. */
  role: Role.nullable().optional(),
  /** Names; undefined: it is not asked for tenants; "all": bound to none. */
  tenants: z.union([z.literal("all"), z.array(z.string()).max(500)]).optional(),
  /** When its owner proved to be there; null: it does not say. */
  authenticatedAt: z.date().nullable(),
});
export type ProvenIdentity = z.infer<typeof ProvenIdentity>;

/** Each in words, for the log and for the page that somebody comes back to. */
export const IDENTITY_REFUSALS: Readonly<Record<IdentityRefusal, string>> = {
  "unknown-account": "The identity provider knows you, and this core does not: it has no account for your address.",
  "email-unverified": "The identity provider has not verified your e-mail address, so this core does not rely on it.",
  "no-role": "The identity provider gives you no role that this core knows.",
  "no-tenant": "The identity provider names no tenant that this core knows.",
  disabled: "Your account on this core is disabled.",
  "other-identity": "The account of your address belongs to another identity of the provider.",
};
