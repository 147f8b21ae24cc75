import "server-only";
import { withTransaction } from "@/lib/db/transaction";
import { toVolume } from "@/lib/engine/agents/convert";
import type { Volume } from "@/lib/engine/agents/schemas";
import { writeAudit } from "@/lib/engine/audit";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvents } from "@/lib/engine/events/emit";
import { raiseMetadataVersion, wakeTargets } from "@/lib/engine/metadata/announce";
import { applyPolicies } from "@/lib/engine/policies/apply";
import { lockPolicies } from "@/lib/engine/policies/lock";
import { leaveHistory } from "./history";
import { assertNotCaptured, assertVolumeNameIsFree, lockLedAgent, requireVolume } from "./internal";
import { MoveVolumeInput } from "./schemas";

/**
 * Gives a volume to another agent, under its id and with its own policy. Its history stays where it is: the recovery points of the first
 * agent keep their images. To where it is already changes nothing. Throws `not_found`, `conflict` ("exists", "wrong-side", "wrong-state").
 */
export async function moveVolume(ctx: EngineContext, input: MoveVolumeInput): Promise<Volume> {
  const { volumeId, agentId } = MoveVolumeInput.parse(input);
  const { moved, work, agentIds } = await withTransaction(ctx.db, async (tx) => {
    await lockPolicies(tx);
    const { agentId: from } = await requireVolume(tx, volumeId);
    // In one order, so that two moves in opposite directions do not wait for each other.
    const agentIds = [...new Set([from, agentId])].sort();
    for (const id of agentIds) await lockLedAgent(tx, id);
    const volume = await requireVolume(tx, volumeId);
    if (volume.agentId === agentId) return { moved: volume, work: null, agentIds: [] };
    const to = await tx.agent.findUniqueOrThrow({ where: { id: agentId } });
    await assertVolumeNameIsFree(tx, to, volume.name);
    await assertNotCaptured(tx, await tx.agent.findUniqueOrThrow({ where: { id: volume.agentId } }));
    const row = await tx.volume.update({ where: { id: volumeId }, data: { agentId } });
    await leaveHistory(tx, volume, ctx.now());
    for (const id of agentIds) await raiseMetadataVersion(tx, id);
    await writeAudit(tx, ctx, "volume.move", volumeId, { from: volume.agentId, to: agentId });
    await emitEvents(tx, "agent", agentIds);
    return { moved: row, work: await applyPolicies(tx, ctx, agentIds), agentIds };
  });
  await work?.afterwards();
  for (const id of agentIds) await wakeTargets(ctx, id);
  return toVolume(moved);
}
