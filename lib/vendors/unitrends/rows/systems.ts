import { z } from "zod";
import { administrators, everyone, vendorRow } from "../../row";
import { Id, optional, Paging, Sid, Text, YesOrNo } from "../input";
import { Done, StorageRow, SystemRow } from "../output";

const handlers = () => import("../handlers/systems");
const DottedQuad = Text(15).pipe(z.ipv4("Give an IPv4 address."));

export const systemsRows = [
  vendorRow({
    name: "listSystems",
    reach: "tenant",
    method: "GET",
    path: "/api/systems",
    summary: "This core, its sources and targets, and requests that wait.",
    roles: everyone,
    input: z.object({
      sid: Sid,
      include_pending: optional(YesOrNo),
      include_rejected: optional(YesOrNo),
      ...Paging,
    }),
    output: z.object({ appliance: z.array(SystemRow) }),
    status: 200,
    handler: async () => (await handlers()).listSystems,
  }),
  vendorRow({
    name: "listStorage",
    reach: "tenant",
    method: "GET",
    path: "/api/storage",
    summary: "Repositories that backups may go to.",
    roles: everyone,
    input: z.object({ sid: Sid, usage: optional(Text(40)) }),
    output: z.object({ storage: z.array(StorageRow) }),
    status: 200,
    handler: async () => (await handlers()).listStorage,
  }),
  vendorRow({
    name: "makeTarget",
    method: "POST",
    path: "/api/systems/make_target",
    summary: "Let others replicate to this core.",
    roles: administrators,
    input: z.object({ network: DottedQuad, mask: optional(DottedQuad), port: optional(Id) }),
    output: Done,
    status: 201,
    handler: async () => (await handlers()).makeTarget,
  }),
] as const;
