import { queryOptions } from "@tanstack/react-query";
import { pagedOptions } from "@/components/feedback/use-paged";
import { callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";
import type { RepositorySummary } from "@/lib/engine/repositories/schemas";

export const repositoriesQuery = () =>
  pagedOptions<RepositorySummary>(["repositories", "list"], (cursor, signal) =>
    callAdmin(adminContract.listRepositories, { cursor }, signal),
  );

export const repositoryQuery = (id: string) =>
  queryOptions({
    queryKey: ["repositories", "one", id],
    queryFn: ({ signal }) => callAdmin(adminContract.getRepository, { id }, signal),
  });

/** The first few, for the overview. */
export const repositoryGlanceQuery = () =>
  queryOptions({
    queryKey: ["repositories", "glance"],
    queryFn: ({ signal }) => callAdmin(adminContract.listRepositories, { limit: 6 }, signal),
  });
