import "server-only";
import { deleteAgent } from "@/lib/engine/agents";
import type { Volume } from "@/lib/engine/agents/schemas";
import type { EngineContext } from "@/lib/engine/context";
import { createManagedVolume } from "@/lib/engine/managed-volumes";
import { assignPolicy } from "@/lib/engine/policies";
import { createHolder } from "./internal";
import { addMembers } from "./members";
import { CreateSingleVolumeInput, CreateVolumeGroupInput } from "./schemas";

/**
 * Makes a group of disk images, with volumes that were alone so far, and protects it. What a crash cuts off can be given later, by
 * addMembers and assignPolicy. Throws `not_found`, `conflict` ("exists", "no-repository", and what those refuse).
 */
export async function createVolumeGroup(ctx: EngineContext, input: CreateVolumeGroupInput): Promise<{ id: string }> {
  const { name, description, policyId, volumeIds } = CreateVolumeGroupInput.parse(input);
  const { id } = await createHolder(ctx, { name, description, isSingleVolume: false });
  await orUndo(ctx, id, async () => {
    if (volumeIds.length > 0) await addMembers(ctx, { agentId: id, volumeIds });
    if (policyId !== null) await assignPolicy(ctx, { agentId: id, policyId });
  });
  return { id };
}

/** Makes a disk image outside of any group, and protects it. Throws as createVolumeGroup. */
export async function createSingleVolume(ctx: EngineContext, input: CreateSingleVolumeInput): Promise<Volume> {
  const { name, description, sizeBytes, policyId } = CreateSingleVolumeInput.parse(input);
  const { id } = await createHolder(ctx, { name, description, isSingleVolume: true });
  return orUndo(ctx, id, async () => {
    const volume = await createManagedVolume(ctx, { agentId: id, name, description, sizeBytes });
    if (policyId !== null) await assignPolicy(ctx, { agentId: id, policyId });
    return volume;
  });
}

/** What was refused leaves nothing behind that its caller did not hear of. */
async function orUndo<T>(ctx: EngineContext, agentId: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    await deleteAgent(ctx, { id: agentId }).catch((err: unknown) =>
      ctx.log.warn({ agentId, err }, "a group that could not be finished stays"),
    );
    throw error;
  }
}
