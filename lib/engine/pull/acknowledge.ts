import "server-only";
import { withTransaction } from "@/lib/db/transaction";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";
import { forgetDeletions } from "@/lib/engine/metadata/tell";
import { requireLedAgent } from "./lead";
import type { AcknowledgeInput } from "./peer-schemas";

/**
 * Callee: how far the caller is, for the lag and for what it has still to hear of. Nothing goes backwards by a late repetition. A
 * point that is not here is passed over. Throws as requireLedAgent.
 */
export async function acknowledgePull(ctx: EngineContext, input: AcknowledgeInput): Promise<void> {
  const { agent, session } = await requireLedAgent(ctx, input.agentId);
  await noteAcknowledged(ctx, agent.id, session.id, input);
  if (input.metadata) await forgetDeletions(ctx, agent.id);
}

/** Nothing goes backwards; what the session knows already costs one look. */
export async function noteAcknowledged(
  ctx: EngineContext,
  agentId: string,
  sessionId: string,
  input: Omit<AcknowledgeInput, "agentId">,
): Promise<void> {
  await withTransaction(ctx.db, async (tx) => {
    await tx.$executeRaw`select 1 from replication_session where id = ${sessionId}::uuid for update`;
    const now = await tx.replicationSession.findUniqueOrThrow({ where: { id: sessionId } });
    const sequenceOf = async (id: string | null | undefined) =>
      id ? await tx.recoveryPoint.findFirst({ where: { id, agentId } }) : null;
    const [point, before] = [await sequenceOf(input.recoveryPointId), await sequenceOf(now.newestPointId)];
    const newer = point && (!before || point.sequence > before.sequence);
    const heard = input.metadata && BigInt(input.metadata.upTo) >= now.metadataVersion ? input.metadata : null;
    if (!newer && !heard) return;
    await tx.replicationSession.update({
      where: { id: sessionId },
      data: {
        ...(newer ? { newestPointId: point.id, newestPointAt: point.createdAt } : {}),
        ...(heard ? { metadataVersion: BigInt(heard.upTo), metadataDigest: heard.digest } : {}),
      },
    });
    if (newer) await emitEvent(tx, "session", sessionId);
  });
}
