import "server-only";
import type { Tx } from "@/lib/db/client";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";
import { settleRecords } from "@/lib/engine/vault-replications/follow";
import { conflict } from "@/lib/errors";
import type { ReplicationSession, Run } from "@/prisma/generated/client";
import { give } from "./order";
import type { SessionSummary } from "./schemas";
import { isAtRest, restingState } from "./state";
import { controlOf } from "./views";

type Input = { id: string };

/**
 * Pauses a session from either side; again tells the other core once more. A run stops after the records that are in flight. While
 * the other core does not answer, this side alone is paused (`isHeard` says so). Throws `not_found`, `conflict` by the table.
 */
export function pauseSession(ctx: EngineContext, { id }: Input): Promise<SessionSummary> {
  return give(ctx, {
    id,
    operation: "pause",
    action: "session.pause",
    change: async (tx, session) => {
      const again = controlOf(session.state) === "paused" && session.pausedBy === session.side;
      if (again) return null;
      await tx.run.updateMany({
        where: { sessionId: session.id, state: "queued", leaseOwner: null },
        data: { state: "paused", pauseReason: "Paused." },
      });
      const leased = { sessionId: session.id, state: "running" as const, leaseOwner: { not: null } };
      const isRunning = session.side === "source" && (await tx.run.count({ where: leased })) > 0;
      return {
        state: isRunning ? "pausing" : "paused",
        pausedBy: session.side,
        pausedFrom: controlOf(session.state) === "copying" ? session.state : session.pausedFrom,
        revision: session.revision + 1,
        nextRunAt: null,
      };
    },
  });
}

/** Goes on, whichever side paused it; out of "waits to try again" it only means now. Throws `not_found`, `conflict` by the table. */
export function resumeSession(ctx: EngineContext, { id }: Input): Promise<SessionSummary> {
  return give(ctx, {
    id,
    operation: "resume",
    action: "session.resume",
    change: async (_tx, session) => {
      const goesOn = { nextRunAt: ctx.now() };
      if (controlOf(session.state) !== "paused") return goesOn;
      return { ...goesOn, state: "resuming", pausedBy: null, revision: session.revision + 1 };
    },
  });
}

/** Replicates now. On the side that is called it is a wish, which the caller hears within a minute. Throws `not_found`, `conflict` by the table. */
export function syncSession(ctx: EngineContext, { id }: Input): Promise<SessionSummary> {
  return give(ctx, {
    id,
    operation: "sync",
    action: "session.run",
    change: async (tx, session) => {
      if (session.side === "source" && !(await activeRun(tx, session.id)))
        await tx.run.create({ data: { sessionId: session.id, state: "queued" } });
      return { nextRunAt: ctx.now() };
    },
  });
}

export const runSession = syncSession;

/** Cancels the run that goes on or waits; what is on the other core stays there. Throws `conflict` when there is none. */
export function cancelRun(ctx: EngineContext, { id }: Input): Promise<SessionSummary> {
  return give(ctx, {
    id,
    operation: null,
    action: "session.cancel",
    change: async (tx, session) => {
      const run = await activeRun(tx, session.id);
      if (!run) throw conflict("No run of this session is going on.");
      const lies = session.side === "source" && run.leaseOwner === null;
      await tx.run.update({
        where: { id: run.id },
        data: { cancelRequestedAt: ctx.now(), ...(lies ? { state: "cancelled", endedAt: ctx.now() } : {}) },
      });
      if (lies) await settleRecords(tx, ctx, session, { kind: "cancelled" });
      await emitEvent(tx, "run", run.id);
      return lies ? restOf(session) : null;
    },
  });
}

/** After a cancelled run nothing is tried until there is a new point, or somebody asks. */
function restOf(session: ReplicationSession) {
  const keeps = isAtRest(session) || controlOf(session.state) !== "copying";
  return { nextRunAt: null, ...(keeps ? {} : { state: restingState(session.newestPointId !== null) }) };
}

function activeRun(tx: Tx, sessionId: string): Promise<Run | null> {
  return tx.run.findFirst({
    where: { sessionId, state: { in: ["queued", "running", "paused"] } },
    orderBy: { createdAt: "desc" },
  });
}
