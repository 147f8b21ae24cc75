import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { API_PREFIX, callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";
import type { AuditFilter } from "@/lib/engine/audit/schemas";

export const auditQuery = (filter: AuditFilter) =>
  infiniteQueryOptions({
    queryKey: ["audit", "search", filter],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) => callAdmin(adminContract.searchAudit, { ...filter, cursor: pageParam }, signal),
    getNextPageParam: (page) => page.nextCursor ?? undefined,
  });

export const auditStandingQuery = () =>
  queryOptions({
    queryKey: ["audit", "standing"],
    queryFn: ({ signal }) => callAdmin(adminContract.getAuditStanding, {}, signal),
  });

/** Where the browser fetches the export of what is shown. */
export function exportUrl(filter: AuditFilter, format: "csv" | "jsonl"): string {
  const query = new URLSearchParams({ format });
  for (const [name, value] of Object.entries(filter)) if (value !== undefined) query.set(name, value);
  return `${API_PREFIX}/audit/export?${query}`;
}
