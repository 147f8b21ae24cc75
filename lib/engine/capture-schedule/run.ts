import "server-only";
import type { Tx } from "@/lib/db/client";
import { withTransaction } from "@/lib/db/transaction";
import { clearAlert, raiseAlert } from "@/lib/engine/alerts";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";
import { startPolicyCapture } from "@/lib/engine/tasks/start-capture";
import { isRetryable, type TwincoreError, toTwincoreError } from "@/lib/errors";
import { type CapturePlan, planCapture } from "./plan";
import { type DueAgent, readDueAgents } from "./read";

/** Agents of one look; the next one, seconds later, finds the rest. */
const AGENTS_PER_LOOK = 100;

/**
 * Starts the captures that policies ask for now. Cheap when there are none; called every few seconds. A capture and the note that its
 * slots are done are one transaction, so that a crash neither loses nor doubles one; of two workers at it, one does.
 */
export async function captureDueAgents(ctx: EngineContext): Promise<void> {
  for (const agent of await readDueAgents(ctx, AGENTS_PER_LOOK)) {
    try {
      await captureDue(ctx, agent);
    } catch (err) {
      ctx.log.warn({ agentId: agent.id, err }, "a capture of a policy could not be started yet");
    }
  }
}

/** Somebody else was there first. */
class Overtaken extends Error {}

async function captureDue(ctx: EngineContext, agent: DueAgent): Promise<void> {
  const now = ctx.now();
  const plan = planCapture(agent, now);
  const note = (tx: Tx) => noteDone(tx, agent, plan, now);
  try {
    if (plan.capture === null) await withTransaction(ctx.db, note);
    else await capture(ctx, agent, plan.capture, note);
  } catch (thrown) {
    if (thrown instanceof Overtaken) return;
    const error = toTwincoreError(thrown);
    if (isRetryable(error)) throw thrown;
    await noteFailure(ctx, agent, plan, error);
  }
}

async function capture(
  ctx: EngineContext,
  agent: DueAgent,
  { origin, rule, volumeIds }: NonNullable<CapturePlan["capture"]>,
  note: (tx: Tx) => Promise<void>,
): Promise<void> {
  // Bytes that a client sends cannot be asked for; what only replication wants of them it gets when they come.
  if (volumeIds.length === 0) return withTransaction(ctx.db, note);
  await startPolicyCapture(
    ctx,
    { agentId: agent.id, volumeIds },
    {
      origin,
      ...(rule ? { snapshotRuleId: rule.id } : {}),
      alongside: async (tx) => {
        await note(tx);
        await clearAlert(tx, ctx, { kind: "capture-failing", subjectId: agent.id });
      },
    },
  );
}

async function noteDone(tx: Tx, agent: DueAgent, { nextAt }: CapturePlan, now: Date): Promise<void> {
  const { count } = await tx.agent.updateMany({
    where: { id: agent.id, nextCaptureAt: agent.nextCaptureAt, leadPairingId: null },
    data: { nextCaptureAt: nextAt, scheduledUpTo: now, captureFailure: null, captureFailedAt: null },
  });
  if (count === 0) throw new Overtaken();
}

/** What cannot begin now cannot a moment later either: the next slot tries again, and until then people see why. */
async function noteFailure(
  ctx: EngineContext,
  agent: DueAgent,
  plan: CapturePlan,
  error: TwincoreError,
): Promise<void> {
  const now = ctx.now();
  await withTransaction(ctx.db, async (tx) => {
    const { count } = await tx.agent.updateMany({
      where: { id: agent.id, nextCaptureAt: agent.nextCaptureAt },
      data: { nextCaptureAt: plan.nextAt, scheduledUpTo: now, captureFailure: error.message, captureFailedAt: now },
    });
    if (count === 0) return;
    await raiseAlert(tx, ctx, {
      kind: "capture-failing",
      severity: "warning",
      subjectKind: "agent",
      subjectId: agent.id,
      tenantId: agent.tenantId,
      title: `${agent.name} is not captured`,
      detail: error.message,
    });
    await emitEvent(tx, "agent", agent.id);
  });
}
