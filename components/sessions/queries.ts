import { queryOptions } from "@tanstack/react-query";
import { pagedOptions } from "@/components/feedback/use-paged";
import { callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";
import type { SessionState, SessionSummary } from "@/lib/engine/sessions/schemas";
import { isMoving } from "./words";

/** While something moves, figures change about once a second; events tell the rest. */
const MOVING_INTERVAL_MS = 2_000;
/** What a glance can hold; the list page has them all. */
const GLANCE_LIMIT = 200;

const intervalFor = (sessions: readonly SessionSummary[] | undefined) =>
  sessions?.some((session) => isMoving(session.run)) ? MOVING_INTERVAL_MS : false;

/** Sessions for the overview: one page, the engine's order. */
export const sessionGlanceQuery = () =>
  queryOptions({
    queryKey: ["sessions", "glance"],
    queryFn: ({ signal }) => callAdmin(adminContract.listSessions, { limit: GLANCE_LIMIT }, signal),
    refetchInterval: (query) => intervalFor(query.state.data?.items),
  });

export const sessionsQuery = (filter: { state?: SessionState; agentId?: string }) =>
  pagedOptions<SessionSummary>(
    ["sessions", "list", filter],
    (cursor, signal) => callAdmin(adminContract.listSessions, { ...filter, cursor }, signal),
    intervalFor,
  );

/** As many as one looks through to choose. */
const POINT_CHOICES = 100;

/** The newest recovery points of an agent on this core, to choose one of them. */
export const pointChoicesQuery = (agentId: string) =>
  queryOptions({
    queryKey: ["recovery-points", "choices", agentId],
    queryFn: ({ signal }) => callAdmin(adminContract.listRecoveryPoints, { agentId, limit: POINT_CHOICES }, signal),
  });

/** The source's job on the target; asked for as often as the session itself. */
export const mirroredJobQuery = (id: string, moving: boolean) =>
  queryOptions({
    queryKey: ["sessions", "mirrored-job", id],
    queryFn: ({ signal }) => callAdmin(adminContract.getMirroredJob, { id }, signal),
    refetchInterval: moving ? MOVING_INTERVAL_MS : false,
  });

export const sessionQuery = (id: string) =>
  queryOptions({
    queryKey: ["sessions", "one", id],
    queryFn: ({ signal }) => callAdmin(adminContract.getSession, { id }, signal),
    refetchInterval: (query) => intervalFor(query.state.data && [query.state.data]),
  });
