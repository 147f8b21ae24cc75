import { queryOptions } from "@tanstack/react-query";
import { pagedOptions } from "@/components/feedback/use-paged";
import { callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";
import type { RepositorySummary } from "@/lib/engine/repositories/schemas";
import type { SyncSessionSummary } from "@/lib/engine/sync-sessions/schemas";

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

const MOVING_INTERVAL_MS = 2_000;
/** As many as the page lists. */
const SYNCS_LIMIT = 10;

export const isSyncing = (session: SyncSessionSummary): boolean =>
  session.state === "queued" || session.state === "running";

/** The newest sync sessions of a repository. */
export const syncSessionsQuery = (repositoryId: string) =>
  queryOptions({
    queryKey: ["sync-sessions", "of", repositoryId],
    queryFn: ({ signal }) => callAdmin(adminContract.listSyncSessions, { repositoryId, limit: SYNCS_LIMIT }, signal),
    refetchInterval: (query) => (query.state.data?.items.some(isSyncing) ? MOVING_INTERVAL_MS : false),
  });

/** One session with what it could not take over. */
export const syncSessionQuery = (id: string) =>
  queryOptions({
    queryKey: ["sync-sessions", "one", id],
    queryFn: ({ signal }) => callAdmin(adminContract.getSyncSession, { id }, signal),
    refetchInterval: (query) => (query.state.data && isSyncing(query.state.data) ? MOVING_INTERVAL_MS : false),
  });

/** What a folder is, while a form asks for one. */
export const folderQuery = (path: string) =>
  queryOptions({
    queryKey: ["repository-folders", path],
    queryFn: ({ signal }) => callAdmin(adminContract.inspectFolder, { path }, signal),
    enabled: path.startsWith("/"),
    retry: false,
  });
