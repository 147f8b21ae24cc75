import { z } from "zod";
import { Id, Instant } from "@/lib/engine/schemas";
import { DEFAULT_LIFE_DAYS, DEFAULT_SCOPES, Scopes } from "./scopes";

export const Role = z.enum(["administrator", "approver", "engineer", "billing", "reader"]);
export type Role = z.infer<typeof Role>;

export const Email = z
  .email()
  .max(254)
  .transform((text) => text.toLowerCase());
/** OWASP ASVS 6.2: length is the only rule; 15 is its advice, 12 our floor. */
export const Password = z.string().min(12, "Use at least 12 characters.").max(256);

export const SetUpInput = z.object({
  token: z.string().min(20).max(200),
  name: z.string().trim().min(1).max(120),
  email: Email,
  password: Password,
});
export type SetUpInput = z.infer<typeof SetUpInput>;

export const Me = z.object({
  accountId: Id,
  name: z.string(),
  email: z.string(),
  role: Role,
  /** The tenants it is bound to; null: it may know of all. */
  tenantIds: z.array(Id).nullable(),
});
export type Me = z.infer<typeof Me>;

export const ApiToken = z.object({
  id: Id,
  name: z.string(),
  createdAt: Instant,
  expiresAt: Instant.nullable(),
  lastUsedAt: Instant.nullable(),
  /** Where it was used last; "" for never. */
  lastUsedAddress: z.string(),
  scopes: z.array(z.string()),
});
export type ApiToken = z.infer<typeof ApiToken>;

export const CreateApiTokenInput = z.object({
  name: z.string().trim().min(1).max(120),
  expiresInDays: z.number().int().min(1).max(3650).nullable().default(DEFAULT_LIFE_DAYS),
  scopes: Scopes.default([...DEFAULT_SCOPES]),
});
export type CreateApiTokenInput = z.input<typeof CreateApiTokenInput>;
