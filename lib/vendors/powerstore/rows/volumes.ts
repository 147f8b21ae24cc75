import { administrators, operators, vendorRow } from "../../row";
import {
  Created,
  CreatedLater,
  CreateVolumeGroupInput,
  CreateVolumeInput,
  DeleteInput,
  MembersInput,
  ModifyVolumeGroupInput,
  ModifyVolumeInput,
} from "../schemas";
import { BASE } from "./reading";

const volumes = () => import("../handlers/volumes");
const groups = () => import("../handlers/volume-groups");

const volume = `${BASE}/volume` as const;
const group = `${BASE}/volume_group` as const;
const create = { method: "POST", roles: operators, output: Created, status: 201 } as const;
const change = { roles: operators, output: CreatedLater, status: 204 } as const;

export const volumeRows = [
  vendorRow({
    ...create,
    name: "create_volume",
    path: volume,
    summary: "Makes a disk image that this core keeps, in a group or alone.",
    input: CreateVolumeInput,
    handler: async () => (await volumes()).create,
  }),
  vendorRow({
    ...change,
    name: "modify_volume",
    reach: "tenant",
    method: "PATCH",
    path: `${volume}/{id}`,
    summary: "Name, description and policy; an empty policy id takes the policy away.",
    input: ModifyVolumeInput,
    handler: async () => (await volumes()).modify,
  }),
  vendorRow({
    ...change,
    name: "delete_volume",
    reach: "tenant",
    method: "DELETE",
    path: `${volume}/{id}`,
    summary: "Deletes a volume that no policy protects; one that is alone with its recovery points.",
    roles: administrators,
    input: DeleteInput,
    handler: async () => (await volumes()).remove,
  }),
  vendorRow({
    ...create,
    name: "create_volume_group",
    path: group,
    summary: "Makes a group, with volumes that were alone so far, and protects it.",
    input: CreateVolumeGroupInput,
    handler: async () => (await groups()).create,
  }),
  vendorRow({
    ...change,
    name: "modify_volume_group",
    reach: "tenant",
    method: "PATCH",
    path: `${group}/{id}`,
    summary: "Name, description and policy; an empty policy id takes the policy away.",
    input: ModifyVolumeGroupInput,
    handler: async () => (await groups()).modify,
  }),
  vendorRow({
    ...change,
    name: "delete_volume_group",
    reach: "tenant",
    method: "DELETE",
    path: `${group}/{id}`,
    summary: "Deletes a group that no policy protects, with its recovery points.",
    roles: administrators,
    input: DeleteInput,
    handler: async () => (await groups()).remove,
  }),
  vendorRow({
    ...change,
    name: "add_members_volume_group",
    reach: "tenant",
    method: "POST",
    path: `${group}/{id}/add_members`,
    summary: "Takes in volumes that were alone.",
    input: MembersInput,
    handler: async () => (await groups()).add,
  }),
  vendorRow({
    ...change,
    name: "remove_members_volume_group",
    reach: "tenant",
    method: "POST",
    path: `${group}/{id}/remove_members`,
    summary: "Lets volumes go; each is alone then, without a policy.",
    input: MembersInput,
    handler: async () => (await groups()).take,
  }),
];
