import { z } from "zod";
import { CbrId, optional, Paging } from "../values";

const InProject = { project_id: CbrId };
const InVault = { ...InProject, vault_id: CbrId };

export const Resource = z.object({
  id: z.string(),
  type: z.string(),
  name: z.string(),
  size: z.number(),
  protect_status: z.string(),
  backup_size: z.number(),
  backup_count: z.number(),
  extra_info: z.object({ exclude_volumes: z.array(z.string()), include_volumes: z.array(z.string()) }),
});

export const Vault = z.looseObject({
  id: z.string(),
  name: z.string(),
  description: z.string(),
  project_id: z.string(),
  provider_id: z.string(),
  created_at: z.string(),
  resources: z.array(Resource),
  billing: z.looseObject({
    allocated: z.number(),
    used: z.number(),
    size: z.number(),
    status: z.string(),
    protect_type: z.string(),
  }),
});

export const VaultOutput = z.object({ vault: Vault });
export const VaultListOutput = z.object({
  vaults: z.array(Vault),
  count: z.number(),
  limit: z.number(),
  offset: z.number(),
});

export const ListVaultsInput = z.object({
  ...InProject,
  query: z.object({
    ...Paging,
    id: optional(CbrId),
    name: optional(z.string().max(255)),
    cloud_type: optional(z.string().max(64)),
    object_type: optional(z.string().max(64)),
    protect_type: optional(z.string().max(64)),
    status: optional(z.string().max(64)),
    policy_id: optional(CbrId),
    resource_ids: optional(z.string().max(40_000)),
    enterprise_project_id: optional(z.string().max(64)),
  }),
});

const VaultName = z.string().trim().min(1).max(64);
const Description = z.string().max(255);
const WantedResource = z.object({
  id: CbrId,
  type: z.string().max(64).optional(),
  name: z.string().max(255).nullish(),
});
const Resources = z.array(WantedResource).max(256);

export const CreateVaultInput = z.object({
  ...InProject,
  body: z.object({
    vault: z.object({
      name: VaultName,
      description: Description.nullish(),
      billing: z.looseObject({
        protect_type: z.enum(["backup", "replication"]),
        object_type: z.string().max(64),
        size: z.number().int().min(1).max(10_485_760),
      }),
      resources: Resources.default([]),
      backup_policy_id: CbrId.optional(),
    }),
  }),
});

export const VaultInput = z.object(InVault);

export const UpdateVaultInput = z.object({
  ...InVault,
  body: z.object({ vault: z.object({ name: VaultName.optional(), description: Description.optional() }) }),
});

export const AddResourcesInput = z.object({ ...InVault, body: z.object({ resources: Resources.min(1) }) });
export const AddResourcesOutput = z.object({ add_resource_ids: z.array(z.string()) });

export const RemoveResourcesInput = z.object({
  ...InVault,
  body: z.object({ resource_ids: z.array(CbrId).min(1).max(256) }),
});
export const RemoveResourcesOutput = z.object({ remove_resource_ids: z.array(z.string()) });
