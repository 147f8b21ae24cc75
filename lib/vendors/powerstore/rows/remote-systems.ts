import { z } from "zod";
import { administrators, everyone, operators, vendorRow } from "../../row";
import { Created, CreatedLater, CreateRemoteSystemInput, ModifyRemoteSystemInput, NoBody } from "../schemas";
import { BASE } from "./reading";

const handlers = () => import("../handlers/remote-systems");
const path = `${BASE}/remote_system` as const;

export const remoteSystemRows = [
  vendorRow({
    name: "create_remote_system",
    method: "POST",
    path,
    summary: "Asks another core to be paired; an administrator over there answers.",
    roles: administrators,
    input: CreateRemoteSystemInput,
    output: Created,
    status: 201,
    handler: async () => (await handlers()).create,
  }),
  vendorRow({
    name: "modify_remote_system",
    method: "PATCH",
    path: `${path}/{id}`,
    summary: "Changes the description.",
    roles: operators,
    input: ModifyRemoteSystemInput,
    output: CreatedLater,
    status: 204,
    handler: async () => (await handlers()).modify,
  }),
  vendorRow({
    name: "delete_remote_system",
    method: "DELETE",
    path: `${path}/{id}`,
    summary: "Ends the pairing, unless a rule names it; what was replicated stays.",
    roles: administrators,
    input: NoBody,
    output: CreatedLater,
    status: 204,
    handler: async () => (await handlers()).remove,
  }),
  vendorRow({
    name: "verify_remote_system",
    method: "POST",
    path: `${path}/{id}/verify`,
    summary: "Does the other core answer?",
    roles: operators,
    input: NoBody,
    output: CreatedLater,
    status: 204,
    handler: async () => (await handlers()).verify,
  }),
  vendorRow({
    name: "query_appliances_remote_system",
    method: "POST",
    path: `${path}/{id}/query_appliances`,
    reach: "tenant",
    needs: "read",
    summary: "The appliances over there: the core is one.",
    roles: everyone,
    input: NoBody,
    output: z.array(z.object({ id: z.string(), name: z.string(), service_tag: z.string() })),
    status: 200,
    handler: async () => (await handlers()).queryAppliances,
  }),
];
