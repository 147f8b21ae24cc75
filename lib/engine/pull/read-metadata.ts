import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { nextPage } from "@/lib/engine/metadata/tell";
import { requireLedAgent } from "./lead";
import type { LeadingMetadata } from "./peer-schemas";

/**
 * Callee: the agent as it is here, and the next changes of its points since what the caller acknowledged last. Throws as
 * requireLedAgent.
 */
export async function readLeadingMetadata(ctx: EngineContext, input: { agentId: string }): Promise<LeadingMetadata> {
  const { agent, session } = await requireLedAgent(ctx, input.agentId);
  const { facts, changes, upTo, digest, version } = await nextPage(ctx, agent.id, session.metadataVersion);
  return { agentId: agent.id, ...facts, ...changes, upTo: Number(upTo), digest, isLast: upTo >= version };
}
