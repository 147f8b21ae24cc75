import { queryOptions } from "@tanstack/react-query";
import { pagedOptions } from "@/components/feedback/use-paged";
import { callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";
import type { WaitingEntry } from "@/lib/engine/replication-queue/schemas";

export const replicationSettingsQuery = () =>
  queryOptions({
    queryKey: ["settings", "replication"],
    queryFn: ({ signal }) => callAdmin(adminContract.getReplicationSettings, {}, signal),
  });

/** A window of the schedule begins and ends without anybody's doing. */
const LOOK_MS = 30_000;

export const throttleQuery = () =>
  queryOptions({
    queryKey: ["settings", "throttle"],
    queryFn: ({ signal }) => callAdmin(adminContract.getThrottle, {}, signal),
    refetchInterval: LOOK_MS,
  });

export const activeQuery = () =>
  queryOptions({
    queryKey: ["sessions", "queue", "active"],
    queryFn: ({ signal }) => callAdmin(adminContract.listActiveReplications, {}, signal),
  });

export const queueQuery = () =>
  pagedOptions<WaitingEntry>(["sessions", "queue", "waiting"], (cursor, signal) =>
    callAdmin(adminContract.listReplicationQueue, { cursor }, signal),
  );
