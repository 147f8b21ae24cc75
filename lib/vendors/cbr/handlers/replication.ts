import "server-only";
import type { z } from "zod";
import type { EngineContext } from "@/lib/engine/context";
import {
  findRegion,
  listRecordIds,
  listRegions,
  type Region,
  replicateImage,
  replicateVault,
} from "@/lib/engine/vault-replications";
import type { VendorCall } from "../../row";
import { projectOf } from "../project";
import type { CapabilitiesInput, ReplicateBackupInput, ReplicateCheckpointInput } from "../schemas/replication";
import { PROVIDER, toProjectId } from "../values";

export async function replicateCheckpoint(
  ctx: EngineContext,
  { project_id, body }: z.output<typeof ReplicateCheckpointInput>,
  call: VendorCall,
) {
  const tenantId = await projectOf(ctx, call, project_id);
  const { vault_id, auto_trigger, ...wanted } = body.replicate;
  const region = await findRegion(ctx, { region: wanted.destination_region });
  const made = await replicateVault(ctx, {
    repositoryId: vault_id,
    pairingId: region.pairingId,
    destinationRepositoryId: wanted.destination_vault_id,
    autoTrigger: auto_trigger ?? false,
    tenantIds: [tenantId],
  });
  const [records, common] = await Promise.all([
    listRecordIds(ctx, { vaultReplicationId: made.id }),
    told(ctx, region, wanted, tenantId, PROVIDER.server),
  ]);
  const backups = records.map(({ id, imageId }) => ({ backup_id: imageId, replication_record_id: id }));
  return { body: { replication: { ...common, vault_id, backups } } };
}

export async function replicateBackup(
  ctx: EngineContext,
  { project_id, backup_id, body }: z.output<typeof ReplicateBackupInput>,
  call: VendorCall,
) {
  const tenantId = await projectOf(ctx, call, project_id);
  const wanted = body.replicate;
  const region = await findRegion(ctx, { region: wanted.destination_region });
  const record = await replicateImage(ctx, {
    imageId: backup_id,
    pairingId: region.pairingId,
    destinationRepositoryId: wanted.destination_vault_id,
    tenantIds: [tenantId],
  });
  const common = await told(ctx, region, wanted, tenantId, PROVIDER.disk);
  return { body: { replication: { ...common, backup_id, replication_record_id: record.id } } };
}

interface Wanted {
  readonly destination_project_id: string;
  readonly destination_vault_id: string;
}

/** What every answer to a replication says of where from and where to. */
async function told(ctx: EngineContext, region: Region, wanted: Wanted, tenantId: string, providerId: string) {
  return {
    destination_project_id: toProjectId(wanted.destination_project_id),
    destination_region: region.name,
    destination_vault_id: wanted.destination_vault_id,
    project_id: toProjectId(tenantId),
    provider_id: providerId,
    source_region: (await listRegions(ctx)).name,
  };
}

export async function listCapabilities(
  ctx: EngineContext,
  { project_id }: z.output<typeof CapabilitiesInput>,
  call: VendorCall,
) {
  await projectOf(ctx, call, project_id);
  const { name, destinations } = await listRegions(ctx);
  const names = [...new Set(destinations.map((region) => region.name))];
  return { body: { regions: names.length > 0 ? [{ name, replication_destinations: names }] : [] } };
}
