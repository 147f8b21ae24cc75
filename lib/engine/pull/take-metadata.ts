import "server-only";
import type { Tx } from "@/lib/db/client";
import { withTransaction } from "@/lib/db/transaction";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";
import { lockAgent } from "@/lib/engine/metadata/lock";
import { takeDeletions, takePoints } from "@/lib/engine/metadata/take-points";
import { takeVolumes } from "@/lib/engine/metadata/take-volumes";
import type { LeasedRun } from "@/lib/engine/replication/lease";
import type { TargetCore } from "@/lib/engine/replication/target-core";
import type { LeadingMetadata } from "./peer-schemas";

/** Pages of a thousand changes each; more than so many were never made of one agent. */
const PAGES_MAX = 10_000;

/**
 * Takes over what the core that is current says of the agent: names, labels, volumes; labels, locks and deletions of points. Nothing
 * is removed by it. Each page is acknowledged when it is taken over, so that a break costs one page.
 */
export async function takeMetadata(ctx: EngineContext, { session }: LeasedRun, target: TargetCore): Promise<void> {
  const { agentId } = session;
  for (let page = 0; page < PAGES_MAX; page++) {
    const said = await target.readLeadingMetadata({ agentId });
    await withTransaction(ctx.db, (tx) => takePage(tx, ctx, agentId, said));
    await target.acknowledgePull({ agentId, metadata: { upTo: said.upTo, digest: said.digest } });
    if (said.isLast) return;
  }
}

async function takePage(tx: Tx, ctx: EngineContext, agentId: string, said: LeadingMetadata): Promise<void> {
  const { displayName, hostName, labels, volumes, recoveryPoints, deletedRecoveryPointIds } = said;
  // To be shown. What protects the agent here when it is current again is not touched.
  const policies = said.policies?.map(({ id, name, summary }) => ({ id, name, summary }));
  await lockAgent(tx, agentId);
  await tx.agent.update({
    where: { id: agentId },
    data: { name: displayName, hostName, labels, policies, metadataAt: ctx.now() },
  });
  if (volumes) await takeVolumes(tx, agentId, volumes);
  if (recoveryPoints?.length) await takePoints(tx, agentId, recoveryPoints);
  if (deletedRecoveryPointIds?.length) await takeDeletions(tx, agentId, deletedRecoveryPointIds, ctx.now());
  await emitEvent(tx, "agent", agentId);
}
