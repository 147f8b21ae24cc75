import "server-only";
import { withTransaction } from "@/lib/db/transaction";
import { writeAudit } from "@/lib/engine/audit";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";
import { raiseMetadataVersion, wakeTargets } from "@/lib/engine/metadata/announce";
import { conflict, notFound } from "@/lib/errors";
import { getAgent } from "./get";
import { leaderOfAgent, withLeadPairing } from "./led";
import type { AgentDetail, UpdateAgentInput } from "./schemas";

/** Sets the labels of an agent; targets hear of it soon. Throws `not_found`, `conflict` for a replica, which carries its source's. */
export async function updateAgent(ctx: EngineContext, { id, labels }: UpdateAgentInput): Promise<AgentDetail> {
  const agent = await ctx.db.prisma.agent.findUnique({ where: { id }, include: withLeadPairing });
  if (!agent) throw notFound("agent");
  const leader = leaderOfAgent(agent);
  if (leader !== null)
    throw conflict(`The labels of ${agent.name} are those of ${leader}. Change them there; they arrive here.`);
  await withTransaction(ctx.db, async (tx) => {
    await raiseMetadataVersion(tx, id);
    await tx.agent.update({ where: { id }, data: { labels: [...new Set(labels)] } });
    await writeAudit(tx, ctx, "agent.update", id, { labels });
    await emitEvent(tx, "agent", id);
  });
  await wakeTargets(ctx, id);
  return getAgent(ctx, { id });
}
