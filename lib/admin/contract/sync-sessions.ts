import { page } from "@/lib/engine/schemas";
import {
  ListSyncSessionsInput,
  StartSyncInput,
  SyncSessionDetail,
  SyncSessionSummary,
} from "@/lib/engine/sync-sessions/schemas";
import { ById, everyone, operators, row } from "./row";

export const syncSessionsContract = {
  startSync: row({
    method: "POST",
    path: "/repositories/{repositoryId}/sync",
    summary: "Reconcile a repository with its storage; answers the running session when there is one.",
    area: "repositories",
    roles: operators,
    input: StartSyncInput,
    output: SyncSessionSummary,
  }),
  listSyncSessions: row({
    method: "GET",
    path: "/sync-sessions",
    summary: "Sync sessions, newest first.",
    area: "repositories",
    roles: everyone,
    input: ListSyncSessionsInput,
    output: page(SyncSessionSummary),
  }),
  getSyncSession: row({
    method: "GET",
    path: "/sync-sessions/{id}",
    summary: "One sync session with what it could not take over.",
    area: "repositories",
    roles: everyone,
    input: ById,
    output: SyncSessionDetail,
  }),
  stopSync: row({
    method: "POST",
    path: "/sync-sessions/{id}/stop",
    summary: "Stop a sync session; the next one goes on where it was.",
    area: "repositories",
    roles: operators,
    input: ById,
    output: SyncSessionSummary,
  }),
} as const;
