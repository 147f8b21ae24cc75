import "server-only";
import { withTransaction } from "@/lib/db/transaction";
import { writeAudit } from "@/lib/engine/audit";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";
import { raiseMetadataVersion, wakeTargets } from "@/lib/engine/metadata/announce";
import { applyPolicies } from "@/lib/engine/policies/apply";
import { lockPolicies } from "@/lib/engine/policies/lock";
import { managedFile, removeFile } from "./files";
import { leaveHistory } from "./history";
import { assertNotCaptured, lockLedAgent, requireVolume } from "./internal";

/**
 * Takes a volume away from its agent: it is captured no more. Recovery points keep their images of it. The file of a managed volume
 * goes with it, after the row; one of a person's stays. Throws `not_found`, `conflict` ("wrong-side", "wrong-state").
 */
export async function deleteVolume(
  ctx: EngineContext,
  { volumeId }: { volumeId: string },
): Promise<Record<string, never>> {
  const { volume, work } = await withTransaction(ctx.db, async (tx) => {
    await lockPolicies(tx);
    const { agentId } = await requireVolume(tx, volumeId);
    const agent = await lockLedAgent(tx, agentId);
    const volume = await requireVolume(tx, volumeId);
    await assertNotCaptured(tx, agent);
    await leaveHistory(tx, volume, ctx.now());
    await tx.volume.delete({ where: { id: volumeId } });
    await raiseMetadataVersion(tx, agentId);
    await writeAudit(tx, ctx, "volume.delete", volumeId, { agentId, name: volume.name });
    await emitEvent(tx, "agent", agentId);
    return { volume, work: await applyPolicies(tx, ctx, [agentId]) };
  });
  if (volume.managedBytes !== null) await removeFile(managedFile(ctx, volumeId));
  await work.afterwards();
  await wakeTargets(ctx, volume.agentId);
  return {};
}
