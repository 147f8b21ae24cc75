import { z } from "zod";
import { Instant } from "@/lib/engine/schemas";

/** The public half of an access key, as clients send it. */
export const AccessKeyId = z.string().regex(/^[A-Z0-9]{20}$/);

export const AccessKey = z.object({
  id: AccessKeyId,
  name: z.string(),
  createdAt: Instant,
  expiresAt: Instant.nullable(),
  lastUsedAt: Instant.nullable(),
});
export type AccessKey = z.infer<typeof AccessKey>;

export const CreateAccessKeyInput = z.object({
  name: z.string().trim().min(1).max(120),
  expiresInDays: z.number().int().min(1).max(3650).nullable().default(90),
});
export type CreateAccessKeyInput = z.infer<typeof CreateAccessKeyInput>;
