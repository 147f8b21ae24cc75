import "server-only";
import type { Tx } from "@/lib/db/client";
import { writeAudit } from "@/lib/engine/audit";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";
import type { Prisma, ReplicationSession } from "@/prisma/generated/client";
import { tellDivergence } from "./compare";
import { giveUpLead, newestPoint, takeLead } from "./leadership";
import { Divergent, type SessionView } from "./peer-schemas";
import { pendingOf, staleDisks } from "./pending";
import { SessionStep } from "./schemas";
import { isAtRest } from "./state";
import { isNewer, jsonOrNull, otherRole, stateAfter } from "./views";

/** This core's view of a session, as the other one hears it. */
export async function viewOf(tx: Tx, session: ReplicationSession): Promise<SessionView> {
  const newest = await newestPoint(tx, session.agentId);
  const instant = (at: Date | null) => at?.toISOString() ?? null;
  return {
    role: session.role,
    state: session.state,
    epoch: session.epoch,
    revision: session.revision,
    pausedBy: session.pausedBy === null ? null : session.pausedBy === "source" ? "source" : "target",
    steps: stepsOf(session),
    keepSide: session.keepSide,
    failoverKind: session.failoverKind,
    failedOverAt: instant(session.failedOverAt),
    commonPointId: session.commonPointId,
    divergence: Divergent.nullable().catch(null).parse(session.divergence),
    testStartedAt: instant(session.testStartedAt),
    testEndsAt: instant(session.testEndsAt),
    testPointId: session.testPointId,
    newest: newest && {
      id: newest.id,
      sequence: Number(newest.sequence),
      createdAt: newest.createdAt.toISOString(),
    },
    syncedPointId: syncedPointOf(session),
  };
}

export const stepsOf = ({ steps }: ReplicationSession): SessionStep[] => SessionStep.array().catch([]).parse(steps);

/** Caller, destination: up to where the last sync of a planned failover came. */
function syncedPointOf({ pendingOrder }: ReplicationSession): string | null {
  const order = pendingOrder as { order?: unknown; pointId?: unknown } | null;
  return order?.order === "synced" && typeof order.pointId === "string" ? order.pointId : null;
}

/**
 * Puts the other core's view together with ours, under the session's lock. What is newer there counts here: roles, orders, and the
 * leadership that goes with them. Whatever comes twice or late changes nothing.
 */
export async function takeOverView(
  tx: Tx,
  ctx: EngineContext,
  session: ReplicationSession,
  theirs: SessionView,
): Promise<ReplicationSession> {
  const newer = isNewer(theirs, { ...session, pausedBy: sideName(session.pausedBy), steps: stepsOf(session) });
  const adopted = newer ? await adopt(tx, ctx, session, theirs) : follow(session, theirs);
  const role = adopted.role ?? session.role;
  const after = await tx.replicationSession.update({
    where: { id: session.id },
    data: {
      ...adopted,
      ...(role === "source" ? testOf(theirs) : {}),
      heardRevision: theirs.revision,
      heardAt: ctx.now(),
      unheardSince: null,
    },
  });
  if (after.role !== session.role) await (after.role === "source" ? takeLead(tx, after) : giveUpLead(tx, after));
  if (newer)
    await writeAudit(tx, ctx, "session.hear", session.id, {
      role: after.role,
      state: after.state,
      epoch: after.epoch,
      revision: after.revision,
    });
  if ((after.divergence === null) !== (session.divergence === null)) await tellDivergence(tx, ctx, after);
  if (after.state !== session.state || newer) await emitEvent(tx, "session", session.id);
  return after;
}

const sideName = (side: string | null) => (side === null ? null : side === "source" ? "source" : "target");

type Change = Prisma.ReplicationSessionUncheckedUpdateInput & {
  role?: ReplicationSession["role"];
  state?: ReplicationSession["state"];
};

async function adopt(tx: Tx, ctx: EngineContext, session: ReplicationSession, theirs: SessionView): Promise<Change> {
  const leased = await tx.run.count({ where: { sessionId: session.id, state: "running", leaseOwner: { not: null } } });
  const role = theirs.epoch > session.epoch ? otherRole(theirs.role) : session.role;
  const state = stateAfter(session, theirs.state, session.side === "source" && leased > 0);
  const pausedBy = state === "paused" || state === "pausing" ? theirs.pausedBy : null;
  const rests = isAtRest({ state, pausedBy, side: session.side });
  if (rests && state !== "pausing") await stopRuns(tx, ctx, session.id);
  return {
    role,
    state,
    pausedBy,
    epoch: theirs.epoch,
    revision: theirs.revision,
    steps: theirs.steps,
    keepSide: theirs.keepSide,
    failoverKind: theirs.failoverKind,
    failedOverAt: theirs.failedOverAt === null ? null : new Date(theirs.failedOverAt),
    commonPointId: theirs.commonPointId,
    divergence: jsonOrNull(theirs.divergence),
    divergedAt: theirs.divergence === null ? null : (session.divergedAt ?? ctx.now()),
    ...(await pendingAfter(tx, session, role)),
    ...(session.side === "source" ? { nextRunAt: rests || state === "paused" ? null : ctx.now() } : {}),
  };
}

/** Only what belonged to the role before, or to a sync that is over, is forgotten. */
async function pendingAfter(tx: Tx, session: ReplicationSession, role: ReplicationSession["role"]): Promise<Change> {
  if (role !== session.role)
    return { pendingOrder: role === "source" ? await staleDisks(tx, session.agentId) : jsonOrNull(null) };
  return pendingOf(session) === "synced" ? { pendingOrder: jsonOrNull(null) } : {};
}

/** How far the copying is, the calling side says; orders are not touched by it. */
function follow(session: ReplicationSession, theirs: SessionView): Change {
  const same = theirs.epoch === session.epoch && theirs.revision === session.revision;
  if (session.side === "source" || !same) return {};
  const state = stateAfter(session, theirs.state, false);
  const orders = new Set(["pausing", "paused", "failing_over", "failing_over_for_dr", "failed_over", "reprotecting"]);
  return orders.has(theirs.state) || orders.has(session.state) ? {} : { state };
}

/** Tests go on where the role is destination; the other core knows of them. */
function testOf(theirs: SessionView): Change {
  if (theirs.role !== "destination") return {};
  return {
    testStartedAt: theirs.testStartedAt === null ? null : new Date(theirs.testStartedAt),
    testEndsAt: theirs.testEndsAt === null ? null : new Date(theirs.testEndsAt),
    testPointId: theirs.testPointId,
    testAgentId: null,
  };
}

/** What is still queued ends at once; one that goes on sees it at its next beat. */
export async function stopRuns(tx: Tx, ctx: EngineContext, sessionId: string): Promise<void> {
  const now = ctx.now();
  await tx.run.updateMany({
    where: { sessionId, state: { in: ["queued", "paused"] }, leaseOwner: null },
    data: { state: "cancelled", endedAt: now, cancelRequestedAt: now },
  });
  await tx.run.updateMany({
    where: { sessionId, state: "running", cancelRequestedAt: null },
    data: { cancelRequestedAt: now },
  });
}
