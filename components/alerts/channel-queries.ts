import { queryOptions } from "@tanstack/react-query";
import { pagedOptions } from "@/components/feedback/use-paged";
import { callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";
import type { Delivery, DeliveryState } from "@/lib/engine/deliveries/schemas";

export const channelsQuery = () =>
  queryOptions({
    queryKey: ["channels"],
    queryFn: ({ signal }) => callAdmin(adminContract.listChannels, {}, signal),
  });

export const rulesQuery = () =>
  queryOptions({
    queryKey: ["alert-rules"],
    queryFn: ({ signal }) => callAdmin(adminContract.listAlertRules, {}, signal),
  });

export interface DeliveryFilter {
  state?: DeliveryState;
  channelId?: string;
}

export const deliveriesQuery = (filter: DeliveryFilter) =>
  pagedOptions<Delivery>(["deliveries", filter], (cursor, signal) =>
    callAdmin(adminContract.listDeliveries, { ...filter, cursor }, signal),
  );

export const mailSettingsQuery = () =>
  queryOptions({
    queryKey: ["settings", "mail"],
    queryFn: ({ signal }) => callAdmin(adminContract.getMailSettings, {}, signal),
  });

/** What a rule and a filter may name; a core with more has them on their own page. */
export const tenantNamesQuery = () =>
  queryOptions({
    queryKey: ["tenants", "names"],
    queryFn: ({ signal }) => callAdmin(adminContract.listTenants, { limit: 200 }, signal),
  });
