import { queryOptions } from "@tanstack/react-query";
import { pagedOptions } from "@/components/feedback/use-paged";
import { callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";
import type { AgentSummary } from "@/lib/engine/agents/schemas";
import type { RecoveryPointSummary } from "@/lib/engine/recovery-points/schemas";

export interface AgentFilter {
  search?: string;
  origin?: "local" | "replicated";
}

export const agentsQuery = (filter: AgentFilter) =>
  pagedOptions<AgentSummary>(["agents", "list", filter], (cursor, signal) =>
    callAdmin(adminContract.listAgents, { ...filter, cursor }, signal),
  );

export const agentQuery = (id: string) =>
  queryOptions({
    queryKey: ["agents", "one", id],
    queryFn: ({ signal }) => callAdmin(adminContract.getAgent, { id }, signal),
  });

export const recoveryPointsQuery = (agentId: string) =>
  pagedOptions<RecoveryPointSummary>(["recovery-points", "list", agentId], (cursor, signal) =>
    callAdmin(adminContract.listRecoveryPoints, { agentId, cursor, limit: 25 }, signal),
  );

export const repositoryChoicesQuery = () =>
  queryOptions({
    queryKey: ["repositories", "choices"],
    queryFn: ({ signal }) => callAdmin(adminContract.listRepositories, { limit: 200 }, signal),
  });

/** Agents of this core to choose from; more than these nobody picks from a list. */
export const agentChoicesQuery = () =>
  queryOptions({
    queryKey: ["agents", "choices"],
    queryFn: ({ signal }) => callAdmin(adminContract.listAgents, { origin: "local", limit: 200 }, signal),
  });
