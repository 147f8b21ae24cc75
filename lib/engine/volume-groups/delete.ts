import "server-only";
import { beginAgentDeletion, guardAgentDeletion } from "@/lib/engine/agents/delete";
import type { EngineContext } from "@/lib/engine/context";
import { deleteVolume } from "@/lib/engine/managed-volumes";
import { notFound } from "@/lib/errors";
import { assertUnprotected } from "./internal";
import { removeMembers } from "./members";

/**
 * Deletes a group with its recovery points, when nothing protects it any more. Its volumes become ones that are alone, or go with it; those of
 * a replica always go. Throws `not_found`, `conflict` ("in-use", and what deleteAgent refuses). Protected.
 */
export async function deleteVolumeGroup(
  ctx: EngineContext,
  { agentId, withMembers }: { agentId: string; withMembers: boolean },
): Promise<void> {
  await assertUnprotected(ctx, agentId);
  const agent = await ctx.db.prisma.agent.findUnique({
    where: { id: agentId },
    include: { volumes: { where: { removedAt: null }, select: { id: true } } },
  });
  if (!agent) throw notFound("agent");
  await guardAgentDeletion(ctx, { agentId, action: "volume-group.delete", input: { agentId, withMembers } });
  const volumeIds = agent.volumes.map(({ id }) => id);
  const stay = !withMembers && agent.leadPairingId === null && agent.pairingId === null;
  if (stay && volumeIds.length > 0) await removeMembers(ctx, { agentId, volumeIds });
  await beginAgentDeletion(ctx, { id: agentId });
}

/**
 * Deletes a volume: one of a group is taken away from it, and its images stay in the group's recovery points; one that is alone goes with its
 * recovery points. Throws `not_found`, `conflict` ("in-use" while a policy protects one that is alone).
 */
export async function deleteMember(ctx: EngineContext, { volumeId }: { volumeId: string }): Promise<void> {
  const volume = await ctx.db.prisma.volume.findUnique({ where: { id: volumeId }, include: { agent: true } });
  if (!volume || volume.removedAt || volume.agent.deletionAskedAt) throw notFound("volume");
  if (!volume.agent.isSingleVolume) return void (await deleteVolume(ctx, { volumeId }));
  await assertUnprotected(ctx, volume.agentId);
  await guardAgentDeletion(ctx, { agentId: volume.agentId, action: "volume.delete", input: { volumeId } });
  await beginAgentDeletion(ctx, { id: volume.agentId });
}
