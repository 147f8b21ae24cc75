import "server-only";
import type { z } from "zod";
import type { EngineContext } from "@/lib/engine/context";
import { findCore } from "@/lib/engine/core";
import { deleteVolumeImage } from "@/lib/engine/recovery-points";
import { restoreBeside } from "@/lib/engine/tasks";
import { listReplicationRecords } from "@/lib/engine/vault-replications";
import { getVolumeImage, listVolumeImages, type VolumeImageReport } from "@/lib/engine/volume-images";
import { invalidInput } from "@/lib/errors";
import type { VendorCall } from "../../row";
import { type CbrReplicationRecord, toBackup, toImageStates } from "../convert/backup";
import { toReplicationRecord } from "../convert/replication";
import { projectOf } from "../project";
import type { BackupInput, ListBackupsInput, RestoreBackupInput } from "../schemas/backups";
import { RESOURCE_TYPE } from "../values";

type Query = z.output<typeof ListBackupsInput>["query"];

export async function listBackups(
  ctx: EngineContext,
  { project_id, query }: z.output<typeof ListBackupsInput>,
  call: VendorCall,
) {
  const tenantId = await projectOf(ctx, call, project_id);
  const { limit, offset } = query;
  const { items, total } = namesNothing(query)
    ? { items: [], total: 0 }
    : await listVolumeImages(ctx, { tenantId, limit, offset, ...filterOf(query) });
  const records = query.show_replication ? await recordsOf(ctx, items) : null;
  const backups = items.map((item) => toBackup(item, records && (records.get(item.id) ?? [])));
  const isLast = items.length < limit || offset + items.length >= total;
  return {
    body: {
      backups,
      count: total,
      limit,
      offset,
      ...(isLast ? {} : { backups_links: [nextLink(call, items, query)] }),
    },
  };
}

/** What no image here has: a zone, a share, a parent, a degree of use. */
const namesNothing = (query: Query): boolean =>
  query.resource_az !== undefined ||
  query.member_status !== undefined ||
  query.parent_id !== undefined ||
  query.own_type === "shared" ||
  query.dec === true ||
  (query.image_type !== undefined && query.image_type !== "backup" && query.image_type !== "replication");

function filterOf(query: Query) {
  const kinds = (["folder", "image", "stream"] as const).filter((kind) => RESOURCE_TYPE[kind] === query.resource_type);
  return {
    recoveryPointId: query.checkpoint_id,
    repositoryId: query.vault_id,
    resourceId: query.resource_id,
    resourceName: query.resource_name,
    name: query.name,
    kinds: query.resource_type === undefined ? undefined : kinds,
    isReplica: query.image_type === undefined ? undefined : query.image_type === "replication",
    isIncremental: query.incremental,
    states: query.status === undefined ? undefined : toImageStates(query.status),
    from: query.start_time,
    to: query.end_time,
    afterId: query.marker,
    ...query.sort,
  };
}

/** The next page as clients that follow links want it: by marker when they page so, else by offset. */
function nextLink(
  { request, baseUrl, path }: VendorCall,
  items: readonly VolumeImageReport[],
  { limit, offset, marker }: Query,
) {
  const { searchParams } = new URL(request.url);
  if (marker === undefined) searchParams.set("offset", String(offset + limit));
  else searchParams.set("marker", items.at(-1)?.id ?? "");
  return { rel: "next", href: `${baseUrl}${path}?${searchParams}` };
}

export async function getBackup(
  ctx: EngineContext,
  { project_id, backup_id }: z.output<typeof BackupInput>,
  call: VendorCall,
) {
  const tenantId = await projectOf(ctx, call, project_id);
  const image = await getVolumeImage(ctx, { id: backup_id, tenantId });
  const records = await recordsOf(ctx, [image]);
  return { body: { backup: toBackup(image, records.get(image.id) ?? []) } };
}

/** The newest 1,000 records of these images, by image. */
async function recordsOf(ctx: EngineContext, images: readonly VolumeImageReport[]) {
  const byImage = new Map<string, CbrReplicationRecord[]>();
  if (images.length === 0) return byImage;
  const tenants = new Map(images.map(({ id, tenantId }) => [id, tenantId]));
  const [{ items }, { name }] = await Promise.all([
    listReplicationRecords(ctx, { imageIds: [...tenants.keys()], limit: 1000 }),
    findCore(ctx),
  ]);
  for (const record of items) {
    const list = byImage.get(record.imageId) ?? [];
    list.push(toReplicationRecord(record, tenants.get(record.imageId) ?? "", name));
    byImage.set(record.imageId, list);
  }
  return byImage;
}

export async function deleteBackup(
  ctx: EngineContext,
  { project_id, backup_id }: z.output<typeof BackupInput>,
  call: VendorCall,
) {
  const tenantId = await projectOf(ctx, call, project_id);
  await deleteVolumeImage(ctx, { id: backup_id, tenantId });
  return {};
}

export async function restoreBackup(
  ctx: EngineContext,
  { project_id, backup_id, body }: z.output<typeof RestoreBackupInput>,
  call: VendorCall,
) {
  const tenantId = await projectOf(ctx, call, project_id);
  const { volume_id, server_id, resource_id, mappings } = body.restore;
  const mapped = mappings?.find((mapping) => mapping.backup_id === backup_id);
  if (mappings && mappings.length > 0 && !mapped) throw invalidInput("No mapping names the backup that is restored.");
  const resourceId = mapped?.volume_id ?? volume_id ?? server_id ?? resource_id ?? null;
  await restoreBeside(ctx, { imageId: backup_id, tenantId, resourceId });
  return {};
}
