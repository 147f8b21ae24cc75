import { z } from "zod";
import { Bytes, Id } from "@/lib/engine/schemas";

/** Shapes of the ReplicationCommunication contract that add agents to an established pairing. Pure. */

/** Of one call, and of one pairing in all: what a person can look through, and what one answer of the protocol holds. */
export const AGENTS_PER_PAIRING_MAX = 1_000;

const AgentInfo = z.object({
  displayName: z.string().min(1).max(200),
  hostName: z.string().max(253).default(""),
  id: Id,
  /** Logical bytes of its newest recovery point. */
  size: Bytes.default(0),
});

export const AddAgentsRequest = z.object({
  agents: z.array(AgentInfo).min(1).max(AGENTS_PER_PAIRING_MAX).meta({ xmlItem: "agentInfo" }),
  comments: z.string().max(2000).default(""),
  customerId: z.string().max(120).default(""),
  emailAddress: z.string().max(254).default(""),
});
export type AddAgentsRequest = z.infer<typeof AddAgentsRequest>;

/** Twincore's own: agents that the source replicates no more; and those of them that have no session here now. */
export const EndReplicationsInput = z.object({ agentIds: z.array(Id).min(1).max(AGENTS_PER_PAIRING_MAX) });
export type EndReplicationsInput = z.infer<typeof EndReplicationsInput>;
export const EndReplicationsOutput = z.object({ agentIds: z.array(Id).max(AGENTS_PER_PAIRING_MAX) });
export type EndReplicationsOutput = z.infer<typeof EndReplicationsOutput>;

const ReplicatedAgentByDemand = z.object({
  agentInfo: AgentInfo,
  /** Most bytes that its recovery points may occupy; null: no limit. */
  quotaBytes: Bytes.positive().nullable().default(null),
  repositoryId: Id,
});

export const AddAgentsDemand = z.object({
  agents: z
    .array(ReplicatedAgentByDemand)
    .min(1)
    .max(AGENTS_PER_PAIRING_MAX)
    .meta({ xmlItem: "replicatedAgentByDemand" }),
});
export type AddAgentsDemand = z.infer<typeof AddAgentsDemand>;

/** true: the checks are answered as a list, whatever they say. Else the first word of a failure is a fault. */
const report = z.stringbool().default(false);
export const VerifyAddAgentsRequest = AddAgentsRequest.extend({ report });
export type VerifyAddAgentsRequest = z.infer<typeof VerifyAddAgentsRequest>;
export const VerifyAddAgentsDemand = AddAgentsDemand.extend({ report });
export type VerifyAddAgentsDemand = z.infer<typeof VerifyAddAgentsDemand>;

export const AddAgentsCheck = z.object({
  name: z.enum(["version", "limit", "owner", "name", "repository", "space", "quota"]),
  passed: z.boolean(),
  /** Empty when passed. */
  message: z.string(),
});
export type AddAgentsCheck = z.infer<typeof AddAgentsCheck>;

export const AddAgentsChecks = z.object({ checks: z.array(AddAgentsCheck).meta({ xmlItem: "addAgentsCheck" }) });
export type AddAgentsChecks = z.infer<typeof AddAgentsChecks>;
