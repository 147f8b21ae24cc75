import "server-only";
import { deleteAgent } from "@/lib/engine/agents";
import type { EngineContext } from "@/lib/engine/context";
import { moveVolume } from "@/lib/engine/managed-volumes";
import { conflict, notFound } from "@/lib/errors";
import { createHolder } from "./internal";
import { MembersInput } from "./schemas";

/**
 * Moves volumes that are alone into a group, one after the other; those that are there already stay. Throws `not_found`, `conflict`
 * ("wrong-state" for a member of another group, and what moveVolume refuses).
 */
export async function addMembers(ctx: EngineContext, input: MembersInput): Promise<void> {
  const { agentId, volumeIds } = MembersInput.parse(input);
  const volumes = await requireVolumes(ctx, volumeIds);
  const strange = volumes.find(({ agent }) => agent.id !== agentId && !agent.isSingleVolume);
  if (strange)
    throw conflict(
      `"${strange.name}" belongs to the group "${strange.agent.name}". Take it out of there first.`,
      "wrong-state",
    );
  const coming = volumes.filter(({ agent }) => agent.id !== agentId);
  for (const { id, agent } of coming) {
    await moveVolume(ctx, { volumeId: id, agentId });
    await forgetEmpty(ctx, agent.id);
  }
}

/** Moves volumes out of a group; each becomes one that is alone, unprotected. Those that are not in it are `not_found`. */
export async function removeMembers(ctx: EngineContext, input: MembersInput): Promise<void> {
  const { agentId, volumeIds } = MembersInput.parse(input);
  const volumes = await requireVolumes(ctx, volumeIds);
  if (volumes.some(({ agent }) => agent.id !== agentId)) throw notFound("volume of this group");
  for (const { id, name, description } of volumes) {
    const holder = await createHolder(ctx, { name, description, isSingleVolume: true });
    await moveVolume(ctx, { volumeId: id, agentId: holder.id }).catch(async (error: unknown) => {
      await forgetEmpty(ctx, holder.id);
      throw error;
    });
  }
}

async function requireVolumes(ctx: EngineContext, volumeIds: readonly string[]) {
  const ids = [...new Set(volumeIds)];
  const found = await ctx.db.prisma.volume.findMany({
    where: { id: { in: ids }, removedAt: null },
    include: { agent: { select: { id: true, name: true, isSingleVolume: true } } },
  });
  if (found.length < ids.length) throw notFound("volume");
  return found;
}

/** The agent of a volume that went into a group: without a recovery point there is nothing that it stands for. */
async function forgetEmpty(ctx: EngineContext, agentId: string): Promise<void> {
  const { prisma } = ctx.db;
  const left = await prisma.agent.findUnique({
    where: { id: agentId },
    select: { isSingleVolume: true, _count: { select: { volumes: true, recoveryPoints: true } } },
  });
  if (left?.isSingleVolume && left._count.volumes === 0 && left._count.recoveryPoints === 0)
    await deleteAgent(ctx, { id: agentId });
}
