import { z } from "zod";
import { administrators, everyone, operators, vendorRow } from "../../row";
import { optional, Paging, Sid, Text, YesOrNo } from "../input";
import { Done, TargetRow } from "../output";

const Host = Text(300).pipe(z.string().min(1));

/** The source's side: targets, and replication to them as a whole. */
export const targetRows = [
  vendorRow({
    name: "addTarget",
    method: "POST",
    path: "/api/replication/target",
    summary: "Ask another core to take the backups of this one, or join it by a code that it gave out.",
    roles: administrators,
    input: z
      .object({
        type: optional(Text(40)),
        target: optional(Host),
        ip: optional(Host),
        insecure: optional(YesOrNo),
        auth_code: optional(Text(4_000)),
      })
      .transform((given) => ({ ...given, type: given.type?.toLowerCase() }))
      .refine(({ type }) => type === "appliance" || type === "unitrends_cloud", {
        message: "The type must be appliance or Unitrends_cloud.",
        path: ["type"],
      })
      .refine(({ type, target }) => type !== "appliance" || target !== undefined, {
        message: "The target is required.",
        path: ["target"],
      })
      .refine(({ type, auth_code }) => type !== "unitrends_cloud" || auth_code !== undefined, {
        message: "The auth_code is required.",
        path: ["auth_code"],
      }),
    output: Done,
    status: 201,
    handler: async () => (await import("../handlers/target")).addTarget,
  }),
  vendorRow({
    name: "listTargets",
    reach: "tenant",
    method: "GET",
    path: "/api/replication/targets",
    summary: "The targets of this core.",
    roles: everyone,
    input: z.object({
      include_incomplete_systems: optional(YesOrNo),
      include_type_of_backup_copy_target: optional(YesOrNo),
      include_name_field: optional(YesOrNo),
      sid: Sid,
      ...Paging,
    }),
    output: z.object({ targets: z.array(TargetRow) }),
    status: 200,
    handler: async () => (await import("../handlers/target")).listTargets,
  }),
  vendorRow({
    name: "suspendTarget",
    method: "PUT",
    path: "/api/replication/suspend/target",
    summary: "Pause everything that goes to a target.",
    roles: operators,
    input: z.object({ target_hostname: Host }),
    output: Done,
    status: 200,
    handler: async () => (await import("../handlers/target")).suspendTarget,
  }),
  vendorRow({
    name: "resumeTarget",
    method: "PUT",
    path: "/api/replication/resume/target",
    summary: "Go on with a target.",
    roles: operators,
    input: z.object({ target_hostname: Host }),
    output: Done,
    status: 200,
    handler: async () => (await import("../handlers/target")).resumeTarget,
  }),
] as const;
