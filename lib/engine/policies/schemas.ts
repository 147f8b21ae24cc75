import { z } from "zod";
import { Id, Instant, PageInput } from "@/lib/engine/schemas";
import { RuleName } from "@/lib/engine/snapshot-rules/schemas";

/** More rules of one kind than these no person can follow. */
const RULES_MAX = 32;

const RuleIds = z
  .array(Id)
  .max(RULES_MAX, `A policy holds at most ${RULES_MAX} rules of a kind.`)
  .transform((ids) => [...new Set(ids)]);
const Description = z.string().trim().max(1000);

export const CreatePolicyInput = z.object({
  name: RuleName,
  description: Description.default(""),
  snapshotRuleIds: RuleIds.default([]),
  replicationRuleIds: RuleIds.default([]),
  isReadOnly: z.boolean().default(false),
});
export type CreatePolicyInput = z.input<typeof CreatePolicyInput>;

/** What is left out stays. Either all rules of a kind are named, or those that come and go. */
export const UpdatePolicyInput = z.object({
  id: Id,
  name: RuleName.optional(),
  description: Description.optional(),
  isReadOnly: z.boolean().optional(),
  snapshotRuleIds: RuleIds.optional(),
  addSnapshotRuleIds: RuleIds.optional(),
  removeSnapshotRuleIds: RuleIds.optional(),
  replicationRuleIds: RuleIds.optional(),
  addReplicationRuleIds: RuleIds.optional(),
  removeReplicationRuleIds: RuleIds.optional(),
});
export type UpdatePolicyInput = z.input<typeof UpdatePolicyInput>;

/** A rule as a policy shows it, on the core that made it and on those that keep a replica. */
export const PolicyRule = z.object({ id: z.string(), name: z.string(), summary: z.string() });
export type PolicyRule = z.infer<typeof PolicyRule>;

export const Policy = z.object({
  id: Id,
  name: z.string(),
  description: z.string(),
  isReadOnly: z.boolean(),
  /** The core that it is a replica from; null: made here. A replica protects nothing here. */
  replicaOf: z.object({ pairingId: Id, name: z.string() }).nullable(),
  snapshotRules: z.array(PolicyRule),
  replicationRules: z.array(PolicyRule),
  /** How many agents, and volumes of their own, it is assigned to. */
  agents: z.number().int(),
  volumes: z.number().int(),
  createdAt: Instant,
  updatedAt: Instant,
});
export type Policy = z.infer<typeof Policy>;

export const Protected = z.object({
  kind: z.enum(["agent", "volume"]),
  id: Id,
  name: z.string(),
  /** The agent itself, or that of the volume. */
  agent: z.object({ id: Id, name: z.string() }),
});
export type Protected = z.infer<typeof Protected>;

export const PolicyDetail = Policy.extend({
  /** The first of what it protects, by name. */
  protects: z.array(Protected),
});
export type PolicyDetail = z.infer<typeof PolicyDetail>;

export const ListPoliciesInput = PageInput.extend({
  cursor: z.string().max(1_000).optional(),
  search: z.string().max(200).optional(),
  origin: z.enum(["local", "replica"]).optional(),
});
export type ListPoliciesInput = z.infer<typeof ListPoliciesInput>;

/** To an agent as a whole, or to one volume of it; null takes the policy away. */
export const AssignPolicyInput = z
  .object({ agentId: Id.optional(), volumeId: Id.optional(), policyId: Id.nullable() })
  .refine(
    ({ agentId, volumeId }) => (agentId === undefined) !== (volumeId === undefined),
    "Name either an agent or a volume.",
  );
export type AssignPolicyInput = z.input<typeof AssignPolicyInput>;
