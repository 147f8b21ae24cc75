import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { isMetadataNews } from "@/lib/engine/metadata/tell";
import { selectRange } from "@/lib/engine/replication/select-points";
import { noteAcknowledged } from "./acknowledge";
import { requireLedAgent } from "./lead";
import type { LeadingRange, SelectLeadingInput } from "./peer-schemas";

/**
 * Callee: which points of an agent are here, as SelectRangeAgentRecoveryPoints tells them, without those that the other core once
 * said it deleted. A caller that expects the right set has it, which counts as its acknowledgement. Throws as requireLedAgent.
 */
export async function selectLeadingPoints(ctx: EngineContext, input: SelectLeadingInput): Promise<LeadingRange> {
  const { agent, session } = await requireLedAgent(ctx, input.agentId);
  const range = await selectRange(ctx, { ...input, fromEpoch: 0 }, { onlyOnSource: true });
  if (range.unchanged) await noteExpected(ctx, agent.id, session.id, input.toEpoch);
  return { ...range, isMetadataNews: await isMetadataNews(ctx, session) };
}

async function noteExpected(ctx: EngineContext, agentId: string, sessionId: string, toEpoch: number): Promise<void> {
  const point = await ctx.db.prisma.recoveryPoint.findUnique({
    where: { agentId_sequence: { agentId, sequence: toEpoch } },
    select: { id: true },
  });
  if (point) await noteAcknowledged(ctx, agentId, sessionId, { recoveryPointId: point.id });
}
