import type { Operation } from "@/lib/engine/operations/schemas";
import { PROVIDER, RESOURCE_TYPE, toProjectId, toTime, toTimeOrNull } from "../values";

const TYPE = {
  capture: "backup",
  restore: "restore",
  "delete-point": "delete",
  "delete-agent": "remove_resource",
  "delete-repository": "vault_delete",
  "replicate-image": "replication",
  "sync-repository": "sync",
} as const satisfies Record<Operation["kind"], string>;

const STATUS = {
  waiting: "waiting",
  running: "running",
  succeeded: "success",
  failed: "failed",
  // This API has no word for what people stopped.
  cancelled: "failed",
  skipped: "skipped",
} as const satisfies Record<Operation["state"], string>;

/** The engine's kinds behind a type of this API; none: nothing here is of this type. */
export const toOperationKinds = (type: string): Operation["kind"][] =>
  (Object.keys(TYPE) as Operation["kind"][]).filter((kind) => TYPE[kind] === type);

export const toOperationStates = (statuses: readonly string[]): Operation["state"][] =>
  (Object.keys(STATUS) as Operation["state"][]).filter((state) => statuses.includes(STATUS[state]));

/** Something that the core was asked to do as a task of this API. `region`: this core's name. */
export function toOperationLog(operation: Operation, tenantId: string, region: string) {
  const { agent, repository, failure } = operation;
  const stopped = operation.state === "cancelled" ? { code: "cancelled", message: "Stopped before its end." } : null;
  const error = failure ?? stopped;
  return {
    id: operation.id,
    operation_type: TYPE[operation.kind],
    status: STATUS[operation.state],
    checkpoint_id: operation.recoveryPointId,
    policy_id: null,
    project_id: toProjectId(tenantId),
    provider_id: operation.image ? PROVIDER.disk : PROVIDER.server,
    vault_id: repository?.id ?? null,
    vault_name: repository?.name ?? null,
    created_at: toTime(operation.createdAt),
    started_at: toTimeOrNull(operation.startedAt),
    updated_at: toTime(operation.updatedAt),
    ended_at: toTimeOrNull(operation.endedAt),
    error_info: { code: error?.code ?? "", message: error?.message ?? "" },
    extra_info: {
      common: { progress: operation.progressPercent, request_id: operation.id, task_id: operation.id },
      ...(agent ? { resource: { id: agent.id, type: RESOURCE_TYPE.agent, name: agent.name ?? "" } } : {}),
      ...extraOf(operation, tenantId, region),
    },
  };
}

function extraOf(operation: Operation, tenantId: string, region: string): Record<string, unknown> {
  const { kind, image, agent, counts } = operation;
  const backupId = image?.id ?? operation.recoveryPointId ?? "";
  const backupName = image?.volumeName ?? agent?.name ?? "";
  switch (kind) {
    case "capture":
      return { backup: { backup_id: backupId, backup_name: backupName, incremental: "true" } };
    case "restore":
      return {
        restore: {
          backup_id: backupId,
          backup_name: backupName,
          target_resource_id: agent?.id ?? "",
          target_resource_name: agent?.name ?? "",
        },
      };
    case "delete-point":
      return { delete: { backup_id: backupId, backup_name: backupName } };
    case "delete-agent":
      return {
        remove_resources: {
          fail_count: counts.failed,
          total_count: counts.removed,
          resources: agent ? [{ id: agent.id, type: RESOURCE_TYPE.agent, name: agent.name ?? "" }] : [],
        },
      };
    case "delete-repository":
      return { vault_delete: { fail_count: counts.failed, total_count: counts.removed } };
    case "sync-repository":
      return {
        sync: { sync_backup_num: counts.added, delete_backup_num: counts.removed, err_sync_backup_num: counts.failed },
      };
    case "replicate-image":
      return { replication: replicationOf(operation, tenantId, region, backupId, backupName) };
    default:
      return kind satisfies never;
  }
}

/** A replicated image has the same id over there, and so has its recovery point. Which project it is in there, only that core knows. */
function replicationOf(operation: Operation, tenantId: string, region: string, id: string, name: string) {
  return {
    source_backup_id: id,
    source_backup_name: name,
    source_checkpoint_id: operation.recoveryPointId,
    source_project_id: toProjectId(tenantId),
    source_region: region,
    destination_backup_id: id,
    destination_backup_name: name,
    destination_checkpoint_id: operation.recoveryPointId,
    destination_project_id: null,
    destination_region: operation.destination?.coreName ?? "",
  };
}
