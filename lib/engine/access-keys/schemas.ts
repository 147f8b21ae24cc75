import { z } from "zod";
import { DEFAULT_LIFE_DAYS, DEFAULT_SCOPES, Scopes } from "@/lib/engine/accounts/scopes";
import { Instant } from "@/lib/engine/schemas";

/** The public half of an access key, as clients send it. */
export const AccessKeyId = z.string().regex(/^[A-Z0-9]{20}$/);

export const AccessKey = z.object({
  id: AccessKeyId,
  name: z.string(),
  createdAt: Instant,
  expiresAt: Instant.nullable(),
  lastUsedAt: Instant.nullable(),
  /** Where it was used last; "" for never. */
  lastUsedAddress: z.string(),
  scopes: z.array(z.string()),
});
export type AccessKey = z.infer<typeof AccessKey>;

export const CreateAccessKeyInput = z.object({
  name: z.string().trim().min(1).max(120),
  expiresInDays: z.number().int().min(1).max(3650).nullable().default(DEFAULT_LIFE_DAYS),
  scopes: Scopes.default([...DEFAULT_SCOPES]),
});
export type CreateAccessKeyInput = z.input<typeof CreateAccessKeyInput>;
