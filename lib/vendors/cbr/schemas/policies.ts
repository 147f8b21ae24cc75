import { z } from "zod";
import { CbrId, optional, Paging } from "../values";

const Kept = z.number().int().min(-1).max(100).nullish();

export const OperationDefinition = z.object({
  day_backups: Kept,
  week_backups: Kept,
  month_backups: Kept,
  year_backups: Kept,
  max_backups: z.number().int().min(-1).max(99_999).nullish(),
  retention_duration_days: z.number().int().min(-1).max(36_500).nullish(),
  timezone: z.string().max(64).nullish(),
  destination_region: z.string().max(255).nullish(),
  destination_project_id: z.string().max(64).nullish(),
});

const Trigger = z.object({
  properties: z.object({ pattern: z.union([z.array(z.string().max(255)).min(1).max(24), z.string().max(255)]) }),
});
/** Either is enabled, which all policies here are. */
const Enabled = z
  .literal(true, "This core cannot switch a policy off: take it away from its vaults instead.")
  .nullish();
const Name = z.string().trim().min(1).max(64);

export const CreatePolicyInput = z.object({
  project_id: CbrId,
  body: z.object({
    policy: z.object({
      name: Name,
      enabled: Enabled,
      operation_type: z.enum(["backup", "replication"]),
      operation_definition: OperationDefinition,
      trigger: Trigger,
    }),
  }),
});

export const PolicyInput = z.object({ project_id: CbrId, policy_id: CbrId });

export const UpdatePolicyInput = PolicyInput.extend({
  body: z.object({
    policy: z.object({
      name: Name.nullish(),
      enabled: Enabled,
      operation_definition: OperationDefinition.nullish(),
      trigger: Trigger.nullish(),
    }),
  }),
});

export const ListPoliciesInput = z.object({
  project_id: CbrId,
  query: z.object({
    ...Paging,
    operation_type: optional(z.string().max(64)),
    vault_id: optional(CbrId),
  }),
});

export const Policy = z.looseObject({
  id: z.string(),
  name: z.string(),
  enabled: z.boolean(),
  operation_type: z.string(),
  operation_definition: z.looseObject({}),
  trigger: z.looseObject({}),
  associated_vaults: z.array(z.object({ vault_id: z.string(), destination_vault_id: z.string().nullable() })),
});
export const PolicyOutput = z.object({ policy: Policy });
export const PolicyListOutput = z.object({
  policies: z.array(Policy),
  count: z.number(),
  limit: z.number(),
  offset: z.number(),
});

export const VaultPolicyInput = z.object({
  project_id: CbrId,
  vault_id: CbrId,
  body: z.object({ policy_id: CbrId, destination_vault_id: CbrId.nullish() }),
});
const VaultPolicy = z.object({ vault_id: z.string(), policy_id: z.string() });
export const AssociatePolicyOutput = z.object({ associate_policy: VaultPolicy });
export const DissociatePolicyOutput = z.object({ dissociate_policy: VaultPolicy });
