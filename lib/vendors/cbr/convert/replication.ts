import { toProjectId, toTime } from "../values";

/** What this API tells of a replicated image; the engine's record has it all. */
export interface ReplicationSource {
  readonly id: string;
  readonly imageId: string;
  readonly recoveryPointId: string;
  readonly repositoryId: string | null;
  readonly destinationCore: { readonly name: string };
  readonly destinationRepositoryId: string;
  readonly autoTrigger: boolean;
  readonly state: "waiting" | "replicating" | "succeeded" | "failed" | "skipped";
  readonly progressPercent: number;
  readonly failure: { readonly code: string; readonly message: string } | null;
  readonly createdAt: string;
}

const STATUS = {
  waiting: "waiting_replicate",
  replicating: "replicating",
  succeeded: "success",
  failed: "fail",
  skipped: "skip",
} as const satisfies Record<ReplicationSource["state"], string>;

/** A replicated image has the same id over there, and so have its recovery point and its project. */
export function toReplicationRecord(record: ReplicationSource, tenantId: string, region: string) {
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
    destination_project_id: toProjectId(tenantId),
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
