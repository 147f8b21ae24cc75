import type { z } from "zod";
import type { EngineContext } from "@/lib/engine/context";
import { createManagedVolume } from "@/lib/engine/managed-volumes";
import { assignVolumePolicy, createSingleVolume, deleteMember, updateVolume } from "@/lib/engine/volume-groups";
import { conflict } from "@/lib/errors";
import type { VendorCall } from "../../row";
import { placeOrder } from "../order";
import { assertNameFree, findOne } from "../read";
import type { CreateVolumeInput, DeleteInput, ModifyVolumeInput } from "../schemas";
import { policy } from "../table/rules";
import { volume, volumeGroup } from "../table/volumes";

const resource = volume.name;

export const create = (ctx: EngineContext, input: z.output<typeof CreateVolumeInput>, call: VendorCall) =>
  placeOrder(ctx, call, {
    action: "create",
    resource,
    work: async () => {
      await assertNameFree(ctx, volume, input.name);
      const group = input.volume_group_id ? await findOne(ctx, volumeGroup, input.volume_group_id) : null;
      const policyId = await policyOf(ctx, input.protection_policy_id);
      const { id, name } = group ? await inGroup(ctx, group.id, input) : await alone(ctx, input, policyId ?? null);
      if (group && policyId) await assignVolumePolicy(ctx, { volumeId: id, policyId });
      return { id, name, status: 201, body: { id } };
    },
  });

const inGroup = (ctx: EngineContext, agentId: string, input: z.output<typeof CreateVolumeInput>) =>
  createManagedVolume(ctx, {
    agentId,
    name: input.name,
    sizeBytes: input.size,
    description: input.description ?? "",
  });

const alone = (ctx: EngineContext, input: z.output<typeof CreateVolumeInput>, policyId: string | null) =>
  createSingleVolume(ctx, {
    name: input.name,
    sizeBytes: input.size,
    description: input.description ?? "",
    policyId,
  });

export const modify = (ctx: EngineContext, input: z.output<typeof ModifyVolumeInput>, call: VendorCall) =>
  placeOrder(ctx, call, {
    action: "modify",
    resource,
    work: async () => {
      const found = await findOne(ctx, volume, input.id, ["sizeBytes"]);
      if (input.size !== undefined && input.size !== found.sizeBytes)
        throw conflict("A volume of this system keeps the size that it was made with.");
      const policyId = await policyOf(ctx, input.protection_policy_id);
      const description = input.description ?? undefined;
      await assertNameFree(ctx, volume, input.name, found.id);
      if (input.name !== undefined || description !== undefined)
        await updateVolume(ctx, { volumeId: found.id, name: input.name, description });
      if (policyId !== undefined) await assignVolumePolicy(ctx, { volumeId: found.id, policyId });
      return { id: found.id, name: found.name, status: 204 };
    },
  });

export const remove = (ctx: EngineContext, { id }: z.output<typeof DeleteInput>, call: VendorCall) =>
  placeOrder(ctx, call, {
    action: "delete",
    resource,
    work: async () => {
      const found = await findOne(ctx, volume, id);
      await deleteMember(ctx, { volumeId: found.id });
      return { id: found.id, name: found.name, status: 204 };
    },
  });

/** undefined: not given; null: an empty text or null, which takes the policy away. */
export async function policyOf(ctx: EngineContext, id: string | null | undefined): Promise<string | null | undefined> {
  if (id === undefined) return undefined;
  return id ? (await findOne(ctx, policy, id)).id : null;
}
