import { z } from "zod";
import { Bytes, Id, Instant } from "@/lib/engine/schemas";

const Named = z.object({ id: Id, name: z.string() });

export const EnrolmentToken = z.object({
  id: Id,
  name: z.string(),
  state: z.enum(["open", "used", "expired", "revoked"]),
  /** null: a new tenant is made for the core that comes with it. */
  tenant: Named.nullable(),
  repository: Named,
  /** Of each agent; null: none. */
  quotaBytes: Bytes.nullable(),
  createdBy: z.string(),
  createdAt: Instant,
  expiresAt: Instant,
  usedAt: Instant.nullable(),
  usedPairing: Named.nullable(),
});
export type EnrolmentToken = z.infer<typeof EnrolmentToken>;

export const CreateEnrolmentTokenInput = z.object({
  name: z.string().trim().min(1).max(120),
  tenantId: Id.nullable().default(null),
  repositoryId: Id,
  quotaBytes: Bytes.positive().nullable().default(null),
  /** Of a fleet's roll-out; one that lies around longer is found by others. */
  expiresInHours: z
    .number()
    .int()
    .min(1)
    .max(24 * 90),
});
export type CreateEnrolmentTokenInput = z.infer<typeof CreateEnrolmentTokenInput>;
