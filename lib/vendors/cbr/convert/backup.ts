import type { VolumeImageReport } from "@/lib/engine/volume-images/schemas";
import { PROVIDER, RESOURCE_TYPE, toGigabytes, toProjectId, toTime, toTimeOrNull } from "../values";
import type { toReplicationRecord } from "./replication";

const STATUS = {
  available: "available",
  restoring: "restoring",
  deleting: "deleting",
  lost: "error",
} as const satisfies Record<VolumeImageReport["state"], string>;

/** The states of the engine that a status of this API names; none: nothing has this status here. */
export function toImageStates(statuses: readonly string[]): VolumeImageReport["state"][] {
  return (Object.keys(STATUS) as VolumeImageReport["state"][]).filter((state) => statuses.includes(STATUS[state]));
}

export type CbrReplicationRecord = ReturnType<typeof toReplicationRecord>;

/** A volume image as a backup. `records`: where it went; null: nobody asked. */
export function toBackup(image: VolumeImageReport, records: readonly CbrReplicationRecord[] | null) {
  const isIncremental = image.sequence > 1;
  return {
    id: image.id,
    name: image.name,
    description: "",
    checkpoint_id: image.recoveryPointId,
    vault_id: image.repositoryId,
    project_id: toProjectId(image.tenantId),
    provider_id: PROVIDER.disk,
    enterprise_project_id: "0",
    parent_id: null,
    children: [],
    resource_id: image.volume.id,
    resource_name: image.volume.name,
    resource_type: RESOURCE_TYPE[image.kind],
    resource_size: toGigabytes(image.sizeBytes),
    resource_az: null,
    image_type: image.isReplica ? "replication" : "backup",
    status: STATUS[image.state],
    incremental: isIncremental,
    created_at: toTime(image.createdAt),
    updated_at: toTime(image.committedAt),
    protected_at: toTime(image.createdAt),
    expired_at: toTimeOrNull(image.expiresAt),
    extend_info: {
      auto_trigger: image.origin !== "user",
      bootable: false,
      incremental: isIncremental,
      snapshot_id: image.recoveryPointId,
      support_lld: false,
      supported_restore_mode: image.state === "available" ? "backup" : "na",
      os_images_data: [],
      contain_system_disk: false,
      encrypted: false,
      system_disk: false,
      is_multi_az: false,
    },
    version: image.sequence,
    ...(records === null ? {} : { replication_records: records }),
  };
}
