import { queryOptions } from "@tanstack/react-query";
import { callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";

export const agentUsageQuery = (id: string) =>
  queryOptions({
    queryKey: ["agents", "usage", id],
    queryFn: ({ signal }) => callAdmin(adminContract.getAgentUsage, { id }, signal),
  });

export const reportedRepositoriesQuery = (id: string) =>
  queryOptions({
    queryKey: ["pairings", "reported-repositories", id],
    queryFn: ({ signal }) => callAdmin(adminContract.getReportedRepositories, { id }, signal),
  });
