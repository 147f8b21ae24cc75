import { z } from "zod";
import { Id, Instant, PageInput } from "@/lib/engine/schemas";
import { PolicyRef, RuleName } from "@/lib/engine/snapshot-rules/schemas";

/** A cycle takes half of it, and a capture has to fit in there. */
export const RPO_SECONDS_MIN = 5 * 60;
const RPO_SECONDS_MAX = 31 * 24 * 3600;

const columns = {
  name: RuleName,
  /** A pairing in which this core is the source. */
  pairingId: Id,
  /** Recovery point objective: how old the newest point on the target may be. */
  rpoSeconds: z.number().int().min(RPO_SECONDS_MIN).max(RPO_SECONDS_MAX),
  /** Lag beyond the RPO plus this raises an alert. */
  alertThresholdMinutes: z.number().int().min(0).max(1440),
  isReadOnly: z.boolean(),
};

export const CreateReplicationRuleInput = z.object({
  ...columns,
  alertThresholdMinutes: columns.alertThresholdMinutes.default(0),
  isReadOnly: z.boolean().default(false),
});
export type CreateReplicationRuleInput = z.input<typeof CreateReplicationRuleInput>;

/** What is left out stays. Another pairing takes the place of the sessions that policies made for the old one. */
export const UpdateReplicationRuleInput = z.object(columns).partial().extend({ id: Id });
export type UpdateReplicationRuleInput = z.input<typeof UpdateReplicationRuleInput>;

export const ReplicationRule = z.object({
  id: Id,
  name: z.string(),
  target: z.object({ pairingId: Id, name: z.string() }),
  rpoSeconds: z.number().int(),
  alertThresholdMinutes: z.number().int(),
  isReadOnly: z.boolean(),
  /** For people: "to Second site, every point at most 1 hour old". */
  summary: z.string(),
  /** Replication sessions that follow it now. */
  sessions: z.number().int(),
  /** The first of the policies that hold it. */
  policies: z.array(PolicyRef),
  createdAt: Instant,
  updatedAt: Instant,
});
export type ReplicationRule = z.infer<typeof ReplicationRule>;

export const ListReplicationRulesInput = PageInput.extend({
  cursor: z.string().max(1_000).optional(),
  search: z.string().max(200).optional(),
});
export type ListReplicationRulesInput = z.infer<typeof ListReplicationRulesInput>;
