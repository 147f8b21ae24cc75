import { queryOptions } from "@tanstack/react-query";
import { callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";

/** What is used changes with every transfer; nothing tells of it. */
const USED_INTERVAL_MS = 30_000;

export const tenantQuotasQuery = (tenantId: string) =>
  queryOptions({
    queryKey: ["quotas", "tenant", tenantId],
    queryFn: ({ signal }) => callAdmin(adminContract.getTenantQuotas, { tenantId }, signal),
    refetchInterval: USED_INTERVAL_MS,
  });

export const agentQuotasQuery = (agentId: string) =>
  queryOptions({
    queryKey: ["quotas", "agent", agentId],
    queryFn: ({ signal }) => callAdmin(adminContract.getAgentQuotas, { agentId }, signal),
    refetchInterval: USED_INTERVAL_MS,
  });
