import { z } from "zod";
import { Bytes, Id } from "@/lib/engine/schemas";

const AGENTS_MAX = 1_000;

/** On the source: ask an established peer to take more agents of this core. */
export const SendAgentRequestInput = z.object({
  id: Id,
  agentIds: z.array(Id).min(1).max(AGENTS_MAX),
  comments: z.string().trim().max(2000).default(""),
});
export type SendAgentRequestInput = z.infer<typeof SendAgentRequestInput>;

export const VerifyAgentRequestInput = SendAgentRequestInput.pick({ id: true, agentIds: true });
export type VerifyAgentRequestInput = z.infer<typeof VerifyAgentRequestInput>;

/** What the other core says to agents before they are asked for. */
export const AgentRequestChecks = z.object({
  checks: z.array(z.object({ name: z.string(), passed: z.boolean(), message: z.string() })),
});
export type AgentRequestChecks = z.infer<typeof AgentRequestChecks>;

export const ApproveAgentsInput = z.object({
  id: Id,
  agents: z
    .array(z.object({ agentId: Id, repositoryId: Id, quotaBytes: Bytes.positive().nullable().default(null) }))
    .min(1)
    .max(AGENTS_MAX),
});
export type ApproveAgentsInput = z.infer<typeof ApproveAgentsInput>;

export const DenyAgentsInput = z.object({
  id: Id,
  agentIds: z.array(Id).min(1).max(AGENTS_MAX),
  message: z.string().trim().min(1).max(1000),
});
export type DenyAgentsInput = z.infer<typeof DenyAgentsInput>;
