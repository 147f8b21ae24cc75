import { queryOptions } from "@tanstack/react-query";
import { pagedOptions } from "@/components/feedback/use-paged";
import { callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";
import type { PricePlanSummary } from "@/lib/engine/price-plans/schemas";

export const pricePlansQuery = (retired: "true" | "false" = "false") =>
  pagedOptions<PricePlanSummary>(["price-plans", "list", retired], (cursor, signal) =>
    callAdmin(adminContract.listPricePlans, { cursor, retired }, signal),
  );

/** Plans to choose from: more than these nobody picks from a list. */
export const planChoicesQuery = () =>
  queryOptions({
    queryKey: ["price-plans", "choices"],
    queryFn: ({ signal }) => callAdmin(adminContract.listPricePlans, { limit: 200 }, signal),
  });

export const pricePlanQuery = (id: string) =>
  queryOptions({
    queryKey: ["price-plans", "one", id],
    queryFn: ({ signal }) => callAdmin(adminContract.getPricePlan, { id }, signal),
  });

export const tenantPlansQuery = (tenantId: string) =>
  queryOptions({
    queryKey: ["tenant-plans", tenantId],
    queryFn: ({ signal }) => callAdmin(adminContract.listTenantPlans, { tenantId }, signal),
  });
