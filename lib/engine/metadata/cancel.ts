import "server-only";
import { withTransaction } from "@/lib/db/transaction";
import { writeAudit } from "@/lib/engine/audit";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";
import { requireReplicatedAgent } from "@/lib/engine/image-sessions/find";
import { lockAgent } from "./lock";

/** Target: stops the agent's running update after the batch that goes on; what was taken over stays. None running is fine too. */
export async function cancelMetadataUpdate(ctx: EngineContext, { agentId }: { agentId: string }): Promise<void> {
  const agent = await requireReplicatedAgent(ctx, agentId);
  await withTransaction(ctx.db, async (tx) => {
    // Waits for the batch: whoever takes the next one sees that it is over.
    await lockAgent(tx, agent.id);
    const at = ctx.now();
    const { count } = await tx.metadataUpdate.updateMany({
      where: { agentId, pairingId: agent.pairingId, state: "running" },
      data: { state: "cancelled", cancelRequestedAt: at, endedAt: at, request: {} },
    });
    if (count === 0) return;
    await writeAudit(tx, ctx, "agent.metadata-cancel", agent.id);
    await emitEvent(tx, "agent", agent.id);
  });
}
