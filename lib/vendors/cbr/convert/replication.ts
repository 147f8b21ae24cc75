import type { ReplicationRecord } from "@/lib/engine/vault-replications/schemas";
import { toProjectId, toTime } from "../values";

const STATUS = {
  waiting: "waiting_replicate",
  replicating: "replicating",
  succeeded: "success",
  failed: "fail",
  skipped: "skip",
} as const satisfies Record<ReplicationRecord["state"], string>;

/** A replicated image has the same id over there, and so has its recovery point. Which project it is in there, only that core knows. */
export function toReplicationRecord(record: ReplicationRecord, tenantId: string, region: string) {
  const ended = record.state === "failed" || record.state === "skipped";
  return {
    id: record.id,
    status: STATUS[record.state],
    vault_id: record.repositoryId,
    created_at: toTime(record.createdAt),
    source_backup_id: record.imageId,
    source_checkpoint_id: record.recoveryPointId,
    source_project_id: toProjectId(tenantId),
    source_region: region,
    destination_backup_id: record.imageId,
    destination_checkpoint_id: record.recoveryPointId,
    destination_project_id: null,
    destination_region: record.destinationCore.name,
    destination_vault_id: record.destinationRepositoryId,
    extra_info: {
      progress: record.progressPercent,
      fail_code: ended ? (record.failure?.code ?? "") : "",
      fail_reason: ended ? (record.failure?.message ?? "") : "",
      auto_trigger: record.autoTrigger,
      destination_vault_id: record.destinationRepositoryId,
    },
  };
}
