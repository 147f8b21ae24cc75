import "server-only";
import type { Tx } from "@/lib/db/client";
import { withTransaction } from "@/lib/db/transaction";
import { writeAudit } from "@/lib/engine/audit";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";
import { raiseMetadataVersion, wakeTargets } from "@/lib/engine/metadata/announce";
import { assignPolicy } from "@/lib/engine/policies";
import { conflict, notFound } from "@/lib/errors";
import { assertNameIsFree, lockLed, lockNames } from "./internal";
import { UpdateVolumeGroupInput, UpdateVolumeInput } from "./schemas";

/** Name and description of a group; targets hear of it soon. Throws `not_found`, `conflict` ("exists", "wrong-side"). */
export async function updateVolumeGroup(ctx: EngineContext, input: UpdateVolumeGroupInput): Promise<void> {
  const { agentId, name, description } = UpdateVolumeGroupInput.parse(input);
  await withTransaction(ctx.db, async (tx) => {
    await lockNames(tx);
    const agent = await lockLed(tx, agentId);
    if (name !== undefined && name !== agent.name)
      await assertNameIsFree(tx, { name, isSingleVolume: agent.isSingleVolume, exceptId: agentId });
    await tx.agent.update({ where: { id: agentId }, data: { name, description } });
    await announce(tx, ctx, agentId, { name, description });
  });
  await wakeTargets(ctx, agentId);
}

/** Name and description of a volume, and of the agent that was made for it. Throws `not_found`, `conflict` ("exists", "wrong-side"). */
export async function updateVolume(ctx: EngineContext, input: UpdateVolumeInput): Promise<void> {
  const { volumeId, name, description } = UpdateVolumeInput.parse(input);
  const agentId = await withTransaction(ctx.db, async (tx) => {
    await lockNames(tx);
    const volume = await tx.volume.findUnique({ where: { id: volumeId } });
    if (!volume || volume.removedAt) throw notFound("volume");
    const agent = await lockLed(tx, volume.agentId);
    if (name !== undefined && name !== volume.name) {
      const same = { agentId: agent.id, name: { equals: name }, id: { not: volumeId } };
      if (agent.isSingleVolume) await assertNameIsFree(tx, { name, isSingleVolume: true, exceptId: agent.id });
      if ((await tx.volume.count({ where: same })) > 0)
        throw conflict(`"${agent.name}" has a volume named "${name}" already. Choose another name.`, "exists");
    }
    await tx.volume.update({ where: { id: volumeId }, data: { name, description } });
    if (agent.isSingleVolume) await tx.agent.update({ where: { id: agent.id }, data: { name, description } });
    await announce(tx, ctx, agent.id, { volumeId, name, description });
    return agent.id;
  });
  await wakeTargets(ctx, agentId);
}

async function announce(tx: Tx, ctx: EngineContext, agentId: string, detail: Record<string, string | undefined>) {
  await raiseMetadataVersion(tx, agentId);
  await writeAudit(tx, ctx, "agent.update", agentId, detail);
  await emitEvent(tx, "agent", agentId);
}

/** Gives one volume a policy, or takes it away (null): through the agent that was made for it, else as a policy of its own. */
export async function assignVolumePolicy(
  ctx: EngineContext,
  { volumeId, policyId }: { volumeId: string; policyId: string | null },
): Promise<void> {
  const volume = await ctx.db.prisma.volume.findUnique({ where: { id: volumeId }, include: { agent: true } });
  if (!volume || volume.removedAt) throw notFound("volume");
  if (!volume.agent.isSingleVolume) return void (await assignPolicy(ctx, { volumeId, policyId }));
  await assignPolicy(ctx, { agentId: volume.agentId, policyId });
  if (volume.policyId !== null) await assignPolicy(ctx, { volumeId, policyId: null });
}
