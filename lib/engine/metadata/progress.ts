import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { requireReplicatedAgent } from "@/lib/engine/image-sessions/find";
import type { JobStatus, MetadataUpdateProgress } from "@/lib/engine/replication/peer-schemas";
import type { MetadataUpdateState } from "@/prisma/generated/client";

const STATUS: Readonly<Record<MetadataUpdateState, JobStatus>> = {
  running: "Running",
  succeeded: "Succeeded",
  failed: "Failed",
  cancelled: "Canceled",
};

/** Target: how far the newest update of an agent is; "Unknown" when there was none yet. */
export async function getMetadataUpdateProgress(
  ctx: EngineContext,
  { agentId }: { agentId: string },
): Promise<MetadataUpdateProgress> {
  const agent = await requireReplicatedAgent(ctx, agentId);
  const update = await ctx.db.prisma.metadataUpdate.findFirst({
    where: { agentId, pairingId: agent.pairingId },
    orderBy: [{ createdAt: "desc" }, { id: "desc" }],
    omit: { request: true },
  });
  const summary = `Metadata of ${agent.name}`;
  if (!update)
    return {
      id: agentId,
      summary,
      status: "Unknown",
      failureReason: null,
      progress: null,
      itemsDone: 0,
      itemsTotal: 0,
    };
  return {
    id: update.id,
    summary,
    status: STATUS[update.state],
    failureReason: update.failureMessage === null ? null : { message: update.failureMessage, detail: "" },
    progress: null,
    itemsDone: update.itemsDone,
    itemsTotal: update.itemsTotal,
  };
}
