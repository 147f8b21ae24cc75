import "server-only";
import type { Tx } from "@/lib/db/client";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";
import type { ReplicationSession } from "@/prisma/generated/client";
import { giveUpLead } from "./leadership";
import { stepsOf } from "./take-over-view";

/**
 * On the core that is current: stops to be so when a person chose the other one's points; else begins the next of the steps that follow by themselves, when the one before is done. Under the
 * session's lock; called after whatever may have ended a step, so that a crash between two steps costs a minute.
 */
export async function takeNextStep(
  tx: Tx,
  ctx: EngineContext,
  session: ReplicationSession,
): Promise<ReplicationSession> {
  if (session.role === "source" && session.keepSide !== null && session.keepSide !== session.side)
    return cede(tx, ctx, session);
  const [step, ...steps] = stepsOf(session);
  if (!step || session.role !== "source" || session.divergence !== null) return session;
  const state = stateOfStep(session.state, step);
  if (!state) return session;
  const after = await tx.replicationSession.update({
    where: { id: session.id },
    data: {
      state,
      steps,
      revision: session.revision + 1,
      nextRunAt: session.side === "source" ? ctx.now() : null,
    },
  });
  await emitEvent(tx, "session", session.id);
  return after;
}

/** null: it is not its turn yet. */
function stateOfStep(state: ReplicationSession["state"], step: "reprotect" | "fail-over") {
  if (step === "reprotect") return state === "failed_over" ? ("reprotecting" as const) : null;
  return state === "ok" || state === "synchronizing" || state === "system_paused" ? ("failing_over" as const) : null;
}

/** Durably before the other core begins to be current. */
async function cede(tx: Tx, ctx: EngineContext, session: ReplicationSession): Promise<ReplicationSession> {
  await giveUpLead(tx, session);
  await emitEvent(tx, "session", session.id);
  return tx.replicationSession.update({
    where: { id: session.id },
    data: {
      role: "destination",
      state: "failed_over",
      epoch: session.epoch + 1,
      revision: session.revision + 1,
      failedOverAt: ctx.now(),
      nextRunAt: null,
    },
  });
}
