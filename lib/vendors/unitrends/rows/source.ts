import { z } from "zod";
import { administrators, approvers, everyone, operators, vendorRow } from "../../row";
import { Id, optional, Paging, Sid, SystemIds, Text, YesOrNo } from "../input";
import { Done, PendingRow } from "../output";

const BOTH = "request_id and accept are both required.";

/** The target's side: requests of sources, and sources as a whole. */
export const sourceRows = [
  vendorRow({
    name: "answerRequest",
    method: "POST",
    path: "/api/replication/source",
    summary: "Accept or reject the request of a source.",
    roles: approvers,
    input: z
      .object({
        request_id: optional(Id),
        accept: optional(YesOrNo),
        message: optional(Text(1_000)),
        storage_id: optional(Id),
      })
      .refine((given) => given.request_id !== undefined && given.accept !== undefined, { message: BOTH })
      .refine((given) => given.accept !== false || Boolean(given.message), {
        message: "A message is required when a request is rejected.",
        path: ["message"],
      }),
    output: Done,
    status: 201,
    handler: async () => (await import("../handlers/source")).answerRequest,
  }),
  vendorRow({
    name: "setSourceStorage",
    method: "PUT",
    path: "/api/replication/source",
    summary: "Where agents go that a source asks for from now on.",
    roles: administrators,
    input: z.object({ sid: Id, storage_id: Id, customer: optional(Text(120)), customer_id: optional(Text(120)) }),
    output: Done,
    status: 200,
    handler: async () => (await import("../handlers/source")).setSourceStorage,
  }),
  vendorRow({
    name: "listPending",
    reach: "tenant",
    method: "GET",
    path: "/api/replication/pending",
    summary: "Requests of sources that wait for an answer.",
    roles: everyone,
    input: z.object({ include_rejected: optional(YesOrNo), sid: Sid, ...Paging }),
    output: z.object({ pending: z.array(PendingRow) }),
    status: 200,
    handler: async () => (await import("../handlers/source")).listPending,
  }),
  vendorRow({
    name: "suspendSource",
    method: "PUT",
    path: "/api/replication/suspend/source",
    summary: "Pause everything that comes from these sources.",
    roles: operators,
    input: z.object({ source_id: SystemIds }),
    output: Done,
    status: 200,
    handler: async () => (await import("../handlers/source")).suspendSource,
  }),
  vendorRow({
    name: "resumeSource",
    method: "PUT",
    path: "/api/replication/resume/source",
    summary: "Go on with these sources.",
    roles: operators,
    input: z.object({ source_id: SystemIds }),
    output: Done,
    status: 200,
    handler: async () => (await import("../handlers/source")).resumeSource,
  }),
] as const;
