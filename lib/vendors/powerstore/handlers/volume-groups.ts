import type { z } from "zod";
import type { EngineContext } from "@/lib/engine/context";
import { assignPolicy } from "@/lib/engine/policies";
import {
  addMembers,
  createVolumeGroup,
  deleteVolumeGroup,
  removeMembers,
  updateVolumeGroup,
} from "@/lib/engine/volume-groups";
import type { VendorCall } from "../../row";
import { placeOrder } from "../order";
import { findMany, findOne } from "../read";
import type { CreateVolumeGroupInput, DeleteInput, MembersInput, ModifyVolumeGroupInput } from "../schemas";
import { volume, volumeGroup } from "../table/volumes";
import { policyOf } from "./volumes";

const resource = volumeGroup.name;

export const create = (ctx: EngineContext, input: z.output<typeof CreateVolumeGroupInput>, call: VendorCall) =>
  placeOrder(ctx, call, {
    action: "create",
    resource,
    work: async () => {
      const { id } = await createVolumeGroup(ctx, {
        name: input.name,
        description: input.description ?? "",
        policyId: (await policyOf(ctx, input.protection_policy_id)) ?? null,
        volumeIds: await findMany(ctx, volume, input.volume_ids ?? []),
      });
      return { id, name: input.name, status: 201, body: { id } };
    },
  });

export const modify = (ctx: EngineContext, input: z.output<typeof ModifyVolumeGroupInput>, call: VendorCall) =>
  placeOrder(ctx, call, {
    action: "modify",
    resource,
    work: async () => {
      const found = await findOne(ctx, volumeGroup, input.id);
      const policyId = await policyOf(ctx, input.protection_policy_id);
      const description = input.description ?? undefined;
      if (input.name !== undefined || description !== undefined)
        await updateVolumeGroup(ctx, { agentId: found.id, name: input.name, description });
      if (policyId !== undefined) await assignPolicy(ctx, { agentId: found.id, policyId });
      return { id: found.id, name: found.name, status: 204 };
    },
  });

export const remove = (ctx: EngineContext, input: z.output<typeof DeleteInput>, call: VendorCall) =>
  placeOrder(ctx, call, {
    action: "delete",
    resource,
    work: async () => {
      const found = await findOne(ctx, volumeGroup, input.id);
      await deleteVolumeGroup(ctx, { agentId: found.id, withMembers: input.delete_members ?? false });
      return { id: found.id, name: found.name, status: 204 };
    },
  });

const members =
  (action: string, work: typeof addMembers) =>
  (ctx: EngineContext, input: z.output<typeof MembersInput>, call: VendorCall) =>
    placeOrder(ctx, call, {
      action,
      resource,
      work: async () => {
        const found = await findOne(ctx, volumeGroup, input.id);
        await work(ctx, { agentId: found.id, volumeIds: await findMany(ctx, volume, input.volume_ids) });
        return { id: found.id, name: found.name, status: 204 };
      },
    });

export const add = members("add_members", addMembers);
export const take = members("remove_members", removeMembers);
