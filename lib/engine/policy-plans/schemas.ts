import { z } from "zod";
import { Id, Instant } from "@/lib/engine/schemas";
import { CreateSnapshotRuleInput, RuleName } from "@/lib/engine/snapshot-rules/schemas";

/** Times of a day that one plan may have. */
const TIMES_MAX = 24;

const PlanSchedule = z.object({
  timeOfDay: CreateSnapshotRuleInput.shape.timeOfDay.unwrap().unwrap(),
  daysOfWeek: CreateSnapshotRuleInput.shape.daysOfWeek,
});

/** What a policy does, said at once instead of by rules that are made before: its rules are made, changed and deleted with it. */
export const PlanWork = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("capture"),
    /** By the clock of UTC. */
    schedules: z.array(PlanSchedule).min(1).max(TIMES_MAX),
    retentionHours: CreateSnapshotRuleInput.shape.retentionHours,
    retentionCount: CreateSnapshotRuleInput.shape.retentionCount,
  }),
  z.object({
    kind: z.literal("replicate"),
    pairingId: Id,
    rpoSeconds: z
      .number()
      .int()
      .min(300)
      .max(31 * 24 * 3600),
  }),
]);
export type PlanWork = z.output<typeof PlanWork>;

export const CreatePlanInput = z.object({ name: RuleName, work: PlanWork });
export type CreatePlanInput = z.input<typeof CreatePlanInput>;

export const UpdatePlanInput = z.object({ id: Id, name: RuleName.optional(), work: PlanWork.optional() });
export type UpdatePlanInput = z.input<typeof UpdatePlanInput>;

/** A policy as a whole, with its rules in full. */
export const Plan = z.object({
  id: Id,
  name: z.string(),
  kind: z.enum(["capture", "replicate"]),
  snapshotRules: z.array(
    z.object({
      intervalMinutes: z.number().int().nullable(),
      timeOfDay: z.string().nullable(),
      daysOfWeek: z.array(z.number().int()),
      timeZone: z.string(),
      retentionHours: z.number().int().nullable(),
      retentionCount: z.number().int().nullable(),
    }),
  ),
  replication: z.object({ pairingId: Id, coreName: z.string(), rpoSeconds: z.number().int() }).nullable(),
  /** Repositories of whose agents it protects some. */
  repositoryIds: z.array(Id),
  createdAt: Instant,
});
export type Plan = z.infer<typeof Plan>;

export const ListPlansInput = z.object({
  /** Whose agents count for `repositoryIds`; null: everybody's. */
  tenantId: Id.nullable(),
  id: Id.optional(),
  kind: z.enum(["capture", "replicate"]).optional(),
  /** Those that protect agents in this repository. */
  repositoryId: Id.optional(),
  limit: z.number().int().min(1).max(1000),
  offset: z.number().int().min(0).max(1_000_000).default(0),
});
export type ListPlansInput = z.input<typeof ListPlansInput>;
