import { z } from "zod";
import { CbrId, optional, Paging, QueryFlag, QueryTime } from "../values";

const InProject = { project_id: CbrId };

/** Keys of the order, most important first: "created_at:desc,name". */
const Sort = z
  .string()
  .max(255)
  .transform((text, context) => {
    const [key = "", direction = "desc"] = (text.split(",")[0] ?? "").split(":");
    const orderBy = SORT_KEYS[key];
    if (orderBy && (direction === "asc" || direction === "desc")) return { orderBy, descending: direction === "desc" };
    context.addIssue(`Sort by one of ${Object.keys(SORT_KEYS).join(", ")}, with :asc or :desc behind it.`);
    return z.NEVER;
  });

const SORT_KEYS: Readonly<Record<string, "createdAt" | "name" | "sizeBytes">> = {
  created_at: "createdAt",
  updated_at: "createdAt",
  protected_at: "createdAt",
  name: "name",
  resource_size: "sizeBytes",
};

const OneOrMany = z
  .union([z.string().max(64), z.array(z.string().max(64)).max(16)])
  .transform((value) => [value].flat());

export const ListBackupsInput = z.object({
  ...InProject,
  query: z.object({
    ...Paging,
    checkpoint_id: optional(CbrId),
    dec: optional(QueryFlag),
    start_time: optional(QueryTime),
    end_time: optional(QueryTime),
    image_type: optional(z.string().max(64)),
    incremental: optional(QueryFlag),
    marker: optional(CbrId),
    member_status: optional(z.string().max(64)),
    name: optional(z.string().max(255)),
    own_type: optional(z.enum(["private", "shared", "all_granted"])),
    parent_id: optional(CbrId),
    resource_az: optional(z.string().max(255)),
    resource_id: optional(CbrId),
    resource_name: optional(z.string().max(255)),
    resource_type: optional(z.string().max(64)),
    show_replication: optional(QueryFlag),
    sort: optional(Sort),
    status: optional(OneOrMany),
    used_percent: optional(z.string().max(16)),
    vault_id: optional(CbrId),
    enterprise_project_id: optional(z.string().max(64)),
  }),
});

export const Backup = z.looseObject({
  id: z.string(),
  name: z.string(),
  checkpoint_id: z.string(),
  vault_id: z.string(),
  project_id: z.string(),
  provider_id: z.string(),
  resource_id: z.string(),
  resource_name: z.string(),
  resource_type: z.string(),
  resource_size: z.number(),
  image_type: z.string(),
  status: z.string(),
  created_at: z.string(),
});

export const BackupListOutput = z.object({
  backups: z.array(Backup),
  count: z.number(),
  limit: z.number(),
  offset: z.number(),
  backups_links: z.array(z.object({ rel: z.string(), href: z.string() })).optional(),
});
export const BackupOutput = z.object({ backup: Backup });

export const BackupInput = z.object({ ...InProject, backup_id: CbrId });

export const RestoreBackupInput = BackupInput.extend({
  body: z.object({
    restore: z.object({
      volume_id: CbrId.nullish(),
      server_id: CbrId.nullish(),
      resource_id: CbrId.nullish(),
      mappings: z
        .array(z.object({ backup_id: CbrId, volume_id: CbrId }))
        .max(64)
        .nullish(),
      power_on: z.boolean().nullish(),
    }),
  }),
});

/** gophertelekomcloud sends extra_info only when it is set; resources by id, details beside them. */
export const CreateCheckpointInput = z.object({
  ...InProject,
  body: z.object({
    checkpoint: z.object({
      vault_id: CbrId,
      parameters: z
        .object({
          auto_trigger: z.boolean().nullish(),
          description: z.string().max(255).nullish(),
          incremental: z.boolean().nullish(),
          name: z.string().max(64).nullish(),
          resources: z.array(CbrId).max(256).nullish(),
          resource_details: z
            .array(z.looseObject({ id: CbrId }))
            .max(256)
            .nullish(),
        })
        .nullish(),
    }),
  }),
});

export const CheckpointInput = z.object({ ...InProject, checkpoint_id: CbrId });
export const CheckpointOutput = z.object({
  checkpoint: z.looseObject({ id: z.string(), status: z.string(), created_at: z.string(), project_id: z.string() }),
});

export const ListOperationLogsInput = z.object({
  ...InProject,
  query: z.object({
    ...Paging,
    operation_type: optional(z.string().max(64)),
    status: optional(OneOrMany),
    provider_id: optional(z.string().max(64)),
    resource_id: optional(CbrId),
    resource_name: optional(z.string().max(255)),
    start_time: optional(QueryTime),
    end_time: optional(QueryTime),
    vault_id: optional(CbrId),
    vault_name: optional(z.string().max(255)),
    enterprise_project_id: optional(z.string().max(64)),
  }),
});

export const OperationLogInput = z.object({ ...InProject, operation_log_id: CbrId });
const OperationLog = z.looseObject({
  id: z.string(),
  operation_type: z.string(),
  status: z.string(),
  created_at: z.string(),
});
export const OperationLogOutput = z.object({ operation_log: OperationLog });
export const OperationLogListOutput = z.object({
  operation_logs: z.array(OperationLog),
  count: z.number(),
  limit: z.number(),
  offset: z.number(),
});
