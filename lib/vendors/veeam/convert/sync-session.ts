import type { SyncSessionSummary } from "@/lib/engine/sync-sessions/schemas";
import type { Linker } from "../values";

const STATE = {
  queued: "Synchronizing",
  running: "Synchronizing",
  // This API has no word for one that ended well, nor for one that was stopped.
  stopped: "None",
  succeeded: "None",
  failed: "Failed",
} as const satisfies Record<SyncSessionSummary["state"], string>;

/** A sync session as this API tells it; progressPercent is a number, as its examples have it. */
export const toSynchronizeSession = (session: SyncSessionSummary, link: Linker) => ({
  id: session.id,
  repositoryId: session.repository.id,
  state: STATE[session.state],
  progressPercent: session.progressPercent,
  ...(session.state === "failed" ? { error: session.failure?.message ?? "The synchronization failed." } : {}),
  _links: {
    self: link(`RepositorySynchronizeSessions/${session.id}`),
    repository: link(`backuprepositories/${session.repository.id}`),
  },
});
