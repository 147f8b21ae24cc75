import "server-only";
import type { z } from "zod";
import type { EngineContext } from "@/lib/engine/context";
import {
  confirmAgents,
  createRepository,
  deleteRepository,
  getHolding,
  listHoldings,
  removeAgents,
  updateRepository,
} from "@/lib/engine/repositories";
import type { VendorCall } from "../../row";
import { toVault } from "../convert/vault";
import { projectOf } from "../project";
import type {
  AddResourcesInput,
  CreateVaultInput,
  ListVaultsInput,
  RemoveResourcesInput,
  UpdateVaultInput,
  VaultInput,
} from "../schemas/vaults";
import { CbrId } from "../values";

type Out<T extends z.ZodType> = z.output<T>;

export async function listVaults(
  ctx: EngineContext,
  { project_id, query }: Out<typeof ListVaultsInput>,
  call: VendorCall,
) {
  const tenantId = await projectOf(ctx, call, project_id);
  const { limit, offset } = query;
  const { items, total } = namesNothing(query)
    ? { items: [], total: 0 }
    : await listHoldings(ctx, {
        tenantId,
        limit,
        offset,
        id: query.id,
        name: query.name,
        policyId: query.policy_id,
        agentIds: query.resource_ids === undefined ? undefined : idsOf(query.resource_ids),
        holdsReplicas: query.protect_type === undefined ? undefined : query.protect_type === "replication",
      });
  return { body: { vaults: items.map((item) => toVault(item, tenantId)), count: total, limit, offset } };
}

/** Words that no vault has here. */
function namesNothing({
  cloud_type,
  object_type,
  protect_type,
  status,
}: Out<typeof ListVaultsInput>["query"]): boolean {
  const outside = (value: string | undefined, ...known: string[]) => value !== undefined && !known.includes(value);
  return (
    outside(cloud_type, "public") ||
    outside(object_type, "server") ||
    outside(protect_type, "backup", "replication") ||
    outside(status, "available")
  );
}

/** Ids with commas between; what is no id is nobody's. */
const idsOf = (text: string): string[] =>
  text.split(",").flatMap((part) => {
    const id = CbrId.safeParse(part.trim());
    return id.success ? [id.data] : [];
  });

export async function getVault(ctx: EngineContext, { project_id, vault_id }: Out<typeof VaultInput>, call: VendorCall) {
  const tenantId = await projectOf(ctx, call, project_id);
  return { body: { vault: toVault(await getHolding(ctx, { id: vault_id, tenantId }), tenantId) } };
}

export async function createVault(
  ctx: EngineContext,
  { project_id, body }: Out<typeof CreateVaultInput>,
  call: VendorCall,
) {
  const tenantId = await projectOf(ctx, call, project_id);
  const { name, description } = body.vault;
  const { id } = await createRepository(ctx, { name, description: description ?? "" });
  return { body: { vault: toVault(await getHolding(ctx, { id, tenantId }), tenantId) } };
}

export async function updateVault(
  ctx: EngineContext,
  { project_id, vault_id, body }: Out<typeof UpdateVaultInput>,
  call: VendorCall,
) {
  const tenantId = await projectOf(ctx, call, project_id);
  await updateRepository(ctx, { id: vault_id, ...body.vault });
  return { body: { vault: toVault(await getHolding(ctx, { id: vault_id, tenantId }), tenantId) } };
}

export async function deleteVault(
  ctx: EngineContext,
  { project_id, vault_id }: Out<typeof VaultInput>,
  call: VendorCall,
) {
  await projectOf(ctx, call, project_id);
  await deleteRepository(ctx, { id: vault_id });
  return {};
}

export async function addResources(
  ctx: EngineContext,
  { project_id, vault_id, body }: Out<typeof AddResourcesInput>,
  call: VendorCall,
) {
  const tenantId = await projectOf(ctx, call, project_id);
  const agentIds = body.resources.map(({ id }) => id);
  await confirmAgents(ctx, { repositoryId: vault_id, tenantId, agentIds });
  return { body: { add_resource_ids: agentIds } };
}

export async function removeResources(
  ctx: EngineContext,
  { project_id, vault_id, body }: Out<typeof RemoveResourcesInput>,
  call: VendorCall,
) {
  const tenantId = await projectOf(ctx, call, project_id);
  await removeAgents(ctx, { repositoryId: vault_id, tenantId, agentIds: body.resource_ids });
  return { body: { remove_resource_ids: body.resource_ids } };
}
