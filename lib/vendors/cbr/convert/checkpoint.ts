import type { PointProgress } from "@/lib/engine/recovery-points/progress";
import type { RepositoryCapture } from "@/lib/engine/tasks/capture-repository";
import { RESOURCE_TYPE, toGigabytes, toMegabytes, toProjectId, toTime } from "../values";
import { toResource } from "./vault";

const STATUS = {
  capturing: "protecting",
  available: "available",
  failed: "error",
  lost: "error",
  deleting: "deleting",
} as const satisfies Record<PointProgress["state"], string>;

const DAY_MS = 24 * 3600_000;

/** A recovery point, finished or under way, as a checkpoint. */
export function toCheckpoint(point: PointProgress, tenantId: string) {
  const kept = point.expiresAt === null ? null : Date.parse(point.expiresAt) - Date.parse(point.createdAt);
  return {
    id: point.id,
    status: STATUS[point.state],
    created_at: toTime(point.createdAt),
    project_id: toProjectId(tenantId),
    vault: {
      id: point.repository.id,
      name: point.repository.name,
      resources: [
        {
          id: point.agent.id,
          type: RESOURCE_TYPE.agent,
          name: point.agent.name,
          resource_size: String(toGigabytes(point.logicalBytes)),
          protect_status: point.state === "capturing" ? "protecting" : point.state === "failed" ? "error" : "available",
          backup_size: String(toMegabytes(point.storedBytes)),
          backup_count: String(point.images),
          extra_info: "",
        },
      ],
      skipped_resources: [],
    },
    extra_info: {
      name: point.label,
      description: "",
      retention_duration: kept === null ? -1 : Math.ceil(kept / DAY_MS),
    },
  };
}

const SKIP_CODE = {
  capturing: "BackupService.6203",
  replica: "BackupService.6302",
  busy: "BackupService.6113",
  refused: "BackupService.9900",
} as const;

/** Captures that have just begun. `name`, `description`: the client's own words, told back. */
export function toStartedCheckpoint(
  { repository, started, skipped }: RepositoryCapture,
  tenantId: string,
  { name = "", description = "" }: { name?: string; description?: string },
) {
  const [first] = started;
  const agents = new Map(repository.agents.map((agent) => [agent.id, agent]));
  return {
    id: first?.recoveryPointId ?? "",
    status: "protecting",
    created_at: toTime(first?.createdAt ?? repository.createdAt),
    project_id: toProjectId(tenantId),
    vault: {
      id: repository.id,
      name: repository.name,
      resources: started.flatMap(({ agentId }) => {
        const agent = agents.get(agentId);
        if (!agent) return [];
        const { size, backup_size, backup_count, ...resource } = toResource(agent);
        return [
          {
            ...resource,
            protect_status: "protecting",
            resource_size: String(size),
            backup_size: String(backup_size),
            backup_count: String(backup_count),
            extra_info: "",
          },
        ];
      }),
      skipped_resources: skipped.map(({ agent, reason, message }) => ({
        id: agent.id,
        type: RESOURCE_TYPE.agent,
        name: agent.name,
        code: SKIP_CODE[reason],
        reason: message,
      })),
    },
    extra_info: { name, description, retention_duration: -1 },
  };
}
