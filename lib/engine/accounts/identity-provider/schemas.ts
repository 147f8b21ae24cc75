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
