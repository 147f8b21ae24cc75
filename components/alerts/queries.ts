import { queryOptions } from "@tanstack/react-query";
import { pagedOptions } from "@/components/feedback/use-paged";
import { callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";
import type { Alert, AlertSeverity, ListAlertsInput } from "@/lib/engine/alerts/schemas";

/** What the overview names; the list has them all. */
const GLANCE_LIMIT = 3;

export interface AlertFilter {
  state?: ListAlertsInput["state"];
  severity?: AlertSeverity;
  subjectId?: string;
  tenantId?: string;
}

export const alertsQuery = (filter: AlertFilter) =>
  pagedOptions<Alert>(["alerts", "list", filter], (cursor, signal) =>
    callAdmin(adminContract.listAlerts, { ...filter, cursor }, signal),
  );

export const alertCountsQuery = () =>
  queryOptions({
    queryKey: ["alerts", "counts"],
    queryFn: ({ signal }) => callAdmin(adminContract.countAlerts, {}, signal),
  });

/** The newest that nobody has seen to. */
export const openAlertsQuery = () =>
  queryOptions({
    queryKey: ["alerts", "open"],
    queryFn: ({ signal }) => callAdmin(adminContract.listAlerts, { state: "open", limit: GLANCE_LIMIT }, signal),
  });
