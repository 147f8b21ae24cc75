import { queryOptions } from "@tanstack/react-query";
import type { z } from "zod";
import { pagedOptions } from "@/components/feedback/use-paged";
import { callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";
import type {
  ListUsageDaysInput,
  ListUsageInput,
  ListUsageSamplesInput,
  UsageDayReport,
} from "@/lib/engine/usage/schemas";

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

export const usageReportQuery = (input: z.input<typeof ListUsageInput>) =>
  queryOptions({
    queryKey: ["usage", "report", input],
    queryFn: ({ signal }) => callAdmin(adminContract.listUsage, input, signal),
    // What was shown stays while another range is on its way.
    placeholderData: (before) => before,
  });

type Whose = Pick<z.input<typeof ListUsageDaysInput>, "tenantId" | "agentId" | "from" | "to">;

export const usageDaysQuery = (whose: Whose) =>
  pagedOptions<UsageDayReport>(["usage", "days", whose], (cursor, signal) =>
    callAdmin(adminContract.listUsageDays, { ...whose, cursor }, signal),
  );

export const usageSamplesQuery = (input: z.input<typeof ListUsageSamplesInput>) =>
  queryOptions({
    queryKey: ["usage", "samples", input],
    queryFn: ({ signal }) => callAdmin(adminContract.listUsageSamples, input, signal),
  });

export const storageOutlookQuery = () =>
  queryOptions({
    queryKey: ["usage", "outlook"],
    queryFn: ({ signal }) => callAdmin(adminContract.getStorageOutlook, {}, signal),
  });
