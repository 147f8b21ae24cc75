import { queryOptions } from "@tanstack/react-query";
import { pagedOptions } from "@/components/feedback/use-paged";
import { callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";
import type { AgentSummary } from "@/lib/engine/agents/schemas";
import type { PairingSummary } from "@/lib/engine/pairing/schemas";
import type { TenantAccount, TenantSummary } from "@/lib/engine/tenants/schemas";

/** The ledger is measured every ten minutes; nothing tells of it. */
const MEASURED_INTERVAL_MS = 60_000;

export const tenantsQuery = (search: string | undefined) =>
  pagedOptions<TenantSummary>(
    ["tenants", "list", search ?? ""],
    (cursor, signal) => callAdmin(adminContract.listTenants, { search, cursor }, signal),
    () => MEASURED_INTERVAL_MS,
  );

export const tenantQuery = (id: string) =>
  queryOptions({
    queryKey: ["tenants", "one", id],
    queryFn: ({ signal }) => callAdmin(adminContract.getTenant, { id }, signal),
    refetchInterval: MEASURED_INTERVAL_MS,
  });

export const tenantAccountsQuery = (tenantId: string) =>
  pagedOptions<TenantAccount>(["tenants", "accounts", tenantId], (cursor, signal) =>
    callAdmin(adminContract.listTenantAccounts, { tenantId, cursor, limit: 25 }, signal),
  );

export const tenantAgentsQuery = (tenantId: string) =>
  pagedOptions<AgentSummary>(["agents", "of-tenant", tenantId], (cursor, signal) =>
    callAdmin(adminContract.listAgents, { tenantId, cursor, limit: 25 }, signal),
  );

export const tenantPairingsQuery = (tenantId: string) =>
  pagedOptions<PairingSummary>(["pairings", "of-tenant", tenantId], (cursor, signal) =>
    callAdmin(adminContract.listPairings, { tenantId, state: "established", cursor, limit: 25 }, signal),
  );
