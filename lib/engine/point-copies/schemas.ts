import { z } from "zod";
import { Id, Instant } from "@/lib/engine/schemas";

export const CloneRecoveryPointInput = z.object({
  recoveryPointId: Id,
  /** Of the same tenant and repository; it may be the point's own agent. */
  toAgentId: Id,
  /** The moment that it shows; now when it is not given. */
  createdAt: Instant.optional(),
  label: z.string().trim().max(120).default(""),
});
export type CloneRecoveryPointInput = z.input<typeof CloneRecoveryPointInput>;

export const CreateTestCopyInput = z.object({
  agentId: Id,
  recoveryPointId: Id,
  name: z.string().trim().min(1).max(120),
});
export type CreateTestCopyInput = z.infer<typeof CreateTestCopyInput>;

/** Points that one call sets aside: they move in one transaction. */
export const SET_ASIDE_MAX = 10_000;

export const SetAsidePointsInput = z.object({
  agentId: Id,
  recoveryPointIds: z.array(Id).min(1).max(SET_ASIDE_MAX),
  reason: z.string().trim().min(1).max(500),
});
export type SetAsidePointsInput = z.infer<typeof SetAsidePointsInput>;
