import type { AgentSummary } from "@/lib/engine/agents/schemas";
import type { Operation } from "@/lib/engine/operations/schemas";
import type { Linker } from "../values";

interface Core {
  readonly id: string;
  readonly name: string;
}

/** The core itself is the one proxy of its repositories. */
export const toProxy = (core: Core, link: Linker) => ({
  id: core.id,
  hostName: core.name,
  description: "",
  type: "Local",
  status: "Online",
  threadsNumber: 1,
  enableNetworkThrottling: false,
  isDefault: true,
  _links: { self: link(`proxies/${core.id}`), repositories: link(`backuprepositories?proxyId=${core.id}`) },
});

/** A customer as an organization. */
export const toOrganization = ({ id, name }: { id: string; name: string }, link: Linker) => ({
  id,
  name,
  officeName: name,
  type: "OnPremises",
  isBackedup: true,
  _links: { self: link(`organizations/${id}`), jobs: link("jobs") },
});

/** There are no licences here, and no users of one. */
export const NO_LICENSING = { licensedUsers: 0, newUsers: 0, name: "", _links: {} } as const;

/** What captures an agent as a job. */
export const toJob = (agent: AgentSummary, link: Linker) => ({
  id: agent.id,
  name: agent.name,
  description: "",
  backupType: "EntireOrganization",
  repositoryId: agent.repository.id,
  isEnabled: true,
  lastStatus: agent.newestPointAt === null ? "None" : "Success",
  lastRun: agent.newestPointAt,
  _links: {
    self: link(`jobs/${agent.id}`),
    backupRepository: link(`backuprepositories/${agent.repository.id}`),
    jobsessions: link(`jobs/${agent.id}/jobsessions`),
  },
});

const JOB_STATUS = {
  waiting: "Queued",
  running: "Running",
  succeeded: "Success",
  failed: "Failed",
  cancelled: "Stopped",
  skipped: "Stopped",
} as const satisfies Record<Operation["state"], string>;

/** A capture as a session of its job. */
export const toJobSession = (operation: Operation, link: Linker) => ({
  id: operation.id,
  jobId: operation.agent?.id ?? null,
  creationTime: operation.createdAt,
  endTime: operation.endedAt,
  status: JOB_STATUS[operation.state],
  details: operation.failure?.message ?? "",
  progress: operation.progressPercent,
  statistics: { processedObjects: 1, bottleneck: "NA" },
  _links: { job: link(`jobs/${operation.agent?.id ?? ""}`) },
});

/** A restore as a session of its own. */
export const toRestoreSession = (operation: Operation, link: Linker) => ({
  id: operation.id,
  name: `Restore of ${operation.image?.volumeName ?? operation.agent?.name ?? "an image"}`,
  organization: operation.agent?.name ?? "",
  type: "Vex",
  creationTime: operation.createdAt,
  endTime: operation.endedAt,
  state: operation.endedAt === null ? "Working" : "Stopped",
  result: operation.state === "succeeded" ? "Success" : operation.endedAt === null ? "None" : "Failed",
  initiatedBy: "",
  details: operation.failure?.message ?? "",
  _links: { self: link(`restoresessions/${operation.id}`) },
});
