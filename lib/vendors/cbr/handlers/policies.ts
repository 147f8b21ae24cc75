import "server-only";
import type { z } from "zod";
import type { EngineContext } from "@/lib/engine/context";
import {
  assignPlan,
  createPlan,
  deletePlan,
  getPlan,
  listPlans,
  unassignPlan,
  updatePlan,
} from "@/lib/engine/policy-plans";
import { findRegion } from "@/lib/engine/vault-replications";
import { invalidInput } from "@/lib/errors";
import type { VendorCall } from "../../row";
import { toPlanWork, toPolicy } from "../convert/policy";
import { projectOf } from "../project";
import type {
  CreatePolicyInput,
  ListPoliciesInput,
  OperationDefinition,
  PolicyInput,
  UpdatePolicyInput,
  VaultPolicyInput,
} from "../schemas/policies";

export async function listPolicies(
  ctx: EngineContext,
  { project_id, query }: z.output<typeof ListPoliciesInput>,
  call: VendorCall,
) {
  const tenantId = await projectOf(ctx, call, project_id);
  const { limit, offset, operation_type, vault_id } = query;
  const kind = operation_type === undefined ? undefined : KINDS.get(operation_type);
  const { items, total } =
    operation_type !== undefined && kind === undefined
      ? { items: [], total: 0 }
      : await listPlans(ctx, { tenantId, kind, repositoryId: vault_id, limit, offset });
  return { body: { policies: items.map(toPolicy), count: total, limit, offset } };
}

const KINDS = new Map([
  ["backup", "capture"],
  ["replication", "replicate"],
] as const) as ReadonlyMap<string, "capture" | "replicate">;

export async function getPolicy(
  ctx: EngineContext,
  { project_id, policy_id }: z.output<typeof PolicyInput>,
  call: VendorCall,
) {
  const tenantId = await projectOf(ctx, call, project_id);
  return { body: { policy: toPolicy(await getPlan(ctx, { id: policy_id, tenantId })) } };
}

export async function createPolicy(
  ctx: EngineContext,
  { project_id, body }: z.output<typeof CreatePolicyInput>,
  call: VendorCall,
) {
  const tenantId = await projectOf(ctx, call, project_id);
  const { name, operation_type, operation_definition, trigger } = body.policy;
  const pairingId = operation_type === "backup" ? null : await destinationOf(ctx, operation_definition);
  const work = toPlanWork(operation_definition, patternsOf(trigger), pairingId);
  const { id } = await createPlan(ctx, { name, work });
  return { body: { policy: toPolicy(await getPlan(ctx, { id, tenantId })) } };
}

/** What is left out stays as it is told now. */
export async function updatePolicy(
  ctx: EngineContext,
  { project_id, policy_id, body }: z.output<typeof UpdatePolicyInput>,
  call: VendorCall,
) {
  const tenantId = await projectOf(ctx, call, project_id);
  const { name, operation_definition, trigger } = body.policy;
  const plan = await getPlan(ctx, { id: policy_id, tenantId });
  const now = toPolicy(plan);
  const definition = operation_definition ?? now.operation_definition;
  const moved = plan.replication && operation_definition?.destination_region;
  const pairingId = moved ? await destinationOf(ctx, definition) : (plan.replication?.pairingId ?? null);
  const work = toPlanWork(definition, patternsOf(trigger ?? now.trigger), plan.kind === "capture" ? null : pairingId);
  const isSame = !operation_definition && !trigger;
  await updatePlan(ctx, { id: policy_id, name: name ?? undefined, work: isSame ? undefined : work });
  return { body: { policy: toPolicy(await getPlan(ctx, { id: policy_id, tenantId })) } };
}

const patternsOf = ({ properties }: { properties: { pattern: string[] | string } }): string[] =>
  [properties.pattern].flat();

async function destinationOf(
  ctx: EngineContext,
  { destination_region: region }: Pick<z.output<typeof OperationDefinition>, "destination_region">,
): Promise<string> {
  if (!region) throw invalidInput("A replication policy names its destination_region.");
  return (await findRegion(ctx, { region })).pairingId;
}

export async function deletePolicy(
  ctx: EngineContext,
  { project_id, policy_id }: z.output<typeof PolicyInput>,
  call: VendorCall,
) {
  await projectOf(ctx, call, project_id);
  await deletePlan(ctx, { id: policy_id });
  return {};
}

export async function associatePolicy(
  ctx: EngineContext,
  { project_id, vault_id, body }: z.output<typeof VaultPolicyInput>,
  call: VendorCall,
) {
  const tenantId = await projectOf(ctx, call, project_id);
  await assignPlan(ctx, { repositoryId: vault_id, tenantId, policyId: body.policy_id });
  return { body: { associate_policy: { vault_id, policy_id: body.policy_id } } };
}

export async function dissociatePolicy(
  ctx: EngineContext,
  { project_id, vault_id, body }: z.output<typeof VaultPolicyInput>,
  call: VendorCall,
) {
  const tenantId = await projectOf(ctx, call, project_id);
  await unassignPlan(ctx, { repositoryId: vault_id, tenantId, policyId: body.policy_id });
  return { body: { dissociate_policy: { vault_id, policy_id: body.policy_id } } };
}
