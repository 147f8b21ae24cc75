import { queryOptions } from "@tanstack/react-query";
import { callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";
import type { TaskReport } from "@/lib/engine/tasks/schemas";
import { isActive } from "./words";

const MOVING_INTERVAL_MS = 2_000;
/** A glance at the newest; tasks are short-lived. */
const NEWEST_LIMIT = 20;

/** The newest captures and restores, of one agent or of all. */
export const newestTasksQuery = (agentId?: string) =>
  queryOptions({
    queryKey: ["tasks", "newest", agentId ?? "all"],
    queryFn: ({ signal }) => callAdmin(adminContract.listTasks, { agentId, limit: NEWEST_LIMIT }, signal),
    refetchInterval: (query) => (query.state.data?.items.some(isActive) ? MOVING_INTERVAL_MS : false),
  });

export const taskQuery = (id: string) =>
  queryOptions({
    queryKey: ["tasks", "one", id],
    queryFn: ({ signal }) => callAdmin(adminContract.getTask, { id }, signal),
    refetchInterval: (query) => (query.state.data && isActive(query.state.data) ? MOVING_INTERVAL_MS : false),
  });

export type { TaskReport };
