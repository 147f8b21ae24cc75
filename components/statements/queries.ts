import { queryOptions } from "@tanstack/react-query";
import { pagedOptions } from "@/components/feedback/use-paged";
import { callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";
import type { Delivery } from "@/lib/engine/deliveries/schemas";
import type { StatementDay, StatementSummary } from "@/lib/engine/statements/schemas";
import type { Correction } from "@/lib/engine/usage/schemas";

/** Key starts of everything that a change of plans, corrections or statements may touch. */
export const touches = [["statements"], ["price-plans"], ["tenant-plans"], ["usage"]] as const;

/** As many tenants as fit a page that people read; the rest is asked for. */
const TENANTS = 100;

export const statementsQuery = (filter: { month?: string; tenantId?: string }) =>
  pagedOptions<StatementSummary>(["statements", "list", filter], (cursor, signal) =>
    callAdmin(adminContract.listStatements, { ...filter, cursor, limit: TENANTS }, signal),
  );

export const statementQuery = (id: string) =>
  queryOptions({
    queryKey: ["statements", "one", id],
    queryFn: ({ signal }) => callAdmin(adminContract.getStatement, { id }, signal),
  });

export const statementLineQuery = (id: string, position: number) =>
  queryOptions({
    queryKey: ["statements", "line", id, position],
    queryFn: ({ signal }) => callAdmin(adminContract.getStatementLine, { id, position }, signal),
  });

export const statementDaysQuery = (id: string, day: string) =>
  pagedOptions<StatementDay>(["statements", "days", id, day], (cursor, signal) =>
    callAdmin(adminContract.listStatementDays, { id, day, cursor }, signal),
  );

export const previewQuery = (tenantId: string, month?: string) =>
  queryOptions({
    queryKey: ["statements", "preview", tenantId, month],
    queryFn: ({ signal }) => callAdmin(adminContract.previewStatement, { tenantId, month }, signal),
    // The month moves by the hour: whoever comes back within minutes sees the same.
    staleTime: 300_000,
  });

export const correctionsQuery = (filter: { tenantId?: string; month?: string }) =>
  pagedOptions<Correction>(["usage", "corrections", filter], (cursor, signal) =>
    callAdmin(adminContract.listCorrections, { ...filter, cursor }, signal),
  );

/** Often while something is on its way. */
const DELIVERY_INTERVAL_MS = 3_000;

export const deliveriesQuery = (id: string) =>
  pagedOptions<Delivery>(
    ["statements", "deliveries", id],
    (cursor, signal) => callAdmin(adminContract.listStatementDeliveries, { id, cursor }, signal),
    (rows) => (rows.some(({ state }) => state === "waiting" || state === "sending") ? DELIVERY_INTERVAL_MS : false),
  );

/** Tenants whose month is asked for one by one. */
const TENANTS_AT_ONCE = 25;

export const tenantsQuery = () =>
  pagedOptions<{ id: string; name: string }>(["tenants", "names"], (cursor, signal) =>
    callAdmin(adminContract.listTenants, { cursor, limit: TENANTS_AT_ONCE }, signal),
  );
