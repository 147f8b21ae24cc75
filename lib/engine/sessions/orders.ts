import "server-only";
import type { Tx } from "@/lib/db/client";
import { withTransaction } from "@/lib/db/transaction";
import { writeAudit } from "@/lib/engine/audit";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";
import { conflict, notFound } from "@/lib/errors";
import type { ReplicationSession, Run } from "@/prisma/generated/client";
import { getSessionSummary } from "./get";
import type { SessionSummary } from "./schemas";
import { assertTransition, restingState } from "./state";

type Input = { id: string };

/**
 * Pauses a session from either side; again is no error. A run stops after the records that are in flight. Paused on the target,
 * the source hears of it with its next word to the target. Throws not_found, and conflict when the session has ended.
 */
export function pauseSession(ctx: EngineContext, input: Input): Promise<SessionSummary> {
  return order(ctx, input, "session.pause", async (tx, session) => {
    assertTransition(session.state, "paused");
    // Who paused last must be who resumes; but a pause here is not undone by a resume over there.
    await tx.replicationSession.update({
      where: { id: session.id },
      data: { state: "paused", pausedBy: session.side, nextRunAt: null },
    });
    await tx.run.updateMany({
      where: { sessionId: session.id, state: "queued", leaseOwner: null },
      data: { state: "paused", pauseReason: "Paused." },
    });
  });
}

/** Goes on. Throws conflict when there is nothing to resume, or when the other side paused it: there it must be resumed. */
export function resumeSession(ctx: EngineContext, input: Input): Promise<SessionSummary> {
  return order(ctx, input, "session.resume", async (tx, session) => {
    if (session.state !== "paused" && session.state !== "system_paused")
      throw conflict("This replication session is not paused.");
    if (session.state === "paused" && session.pausedBy !== session.side)
      throw conflict(`It was paused on the ${session.pausedBy ?? "other side"}. Resume it there.`);
    const state = session.state === "paused" ? restingState(session.newestPointId !== null) : session.state;
    await tx.replicationSession.update({
      where: { id: session.id },
      data: { state, pausedBy: null, nextRunAt: ctx.now() },
    });
  });
}

/** Replicates now. On the target it is a wish, which the source hears within a minute. Throws conflict when paused or ended. */
export function runSession(ctx: EngineContext, input: Input): Promise<SessionSummary> {
  return order(ctx, input, "session.run", async (tx, session) => {
    if (session.state === "ended") throw conflict("This replication session has ended with its pairing.");
    if (session.state === "paused" && session.pausedBy === session.side)
      throw conflict("This replication session is paused. Resume it first.");
    await tx.replicationSession.update({ where: { id: session.id }, data: { nextRunAt: ctx.now() } });
    if (session.side === "source" && !(await activeRun(tx, session.id)))
      await tx.run.create({ data: { sessionId: session.id, state: "queued" } });
  });
}

/** Cancels the run that goes on or waits; what is on the target stays there. Throws conflict when there is none. */
export function cancelRun(ctx: EngineContext, input: Input): Promise<SessionSummary> {
  return order(ctx, input, "session.cancel", async (tx, session) => {
    const run = await activeRun(tx, session.id);
    if (!run) throw conflict("No run of this session is going on.");
    const lies = session.side === "source" && run.leaseOwner === null;
    await tx.run.update({
      where: { id: run.id },
      data: { cancelRequestedAt: ctx.now(), ...(lies ? { state: "cancelled", endedAt: ctx.now() } : {}) },
    });
    if (lies) await rest(tx, session);
    await emitEvent(tx, "run", run.id);
  });
}

/** After a cancelled run nothing is tried until there is a new point, or somebody asks. */
async function rest(tx: Tx, session: ReplicationSession): Promise<void> {
  const keeps = session.state === "paused" || session.state === "ended";
  await tx.replicationSession.update({
    where: { id: session.id },
    data: { nextRunAt: null, ...(keeps ? {} : { state: restingState(session.newestPointId !== null) }) },
  });
}

function activeRun(tx: Tx, sessionId: string): Promise<Run | null> {
  return tx.run.findFirst({
    where: { sessionId, state: { in: ["queued", "running", "paused"] } },
    orderBy: { createdAt: "desc" },
  });
}

/** One order of a person: under the session's lock, with its audit line and event; then the worker is told. */
async function order(
  ctx: EngineContext,
  { id }: Input,
  action: string,
  change: (tx: Tx, session: ReplicationSession) => Promise<void>,
): Promise<SessionSummary> {
  const wake = await withTransaction(ctx.db, async (tx) => {
    await tx.$executeRaw`select 1 from replication_session where id = ${id}::uuid for update`;
    const session = await tx.replicationSession.findUnique({ where: { id } });
    if (!session) throw notFound("replication session");
    await change(tx, session);
    await writeAudit(tx, ctx, action, id);
    await emitEvent(tx, "session", id);
    const after = await tx.replicationSession.findUniqueOrThrow({ where: { id } });
    return after.side === "source" && after.nextRunAt !== null;
  });
  if (wake) await ctx.enqueue("run-replication", { sessionId: id }, { key: id });
  return getSessionSummary(ctx, { id });
}
