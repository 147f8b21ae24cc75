import "server-only";
import { withTransaction } from "@/lib/db/transaction";
import type { EngineContext } from "@/lib/engine/context";
import { PROTOCOL_VERSION } from "@/lib/engine/core/protocol";
import { emitEvent } from "@/lib/engine/events/emit";
import type { RunControl } from "@/lib/engine/replication/control";
import type { LeasedRun } from "@/lib/engine/replication/lease";
import type { PlannedPoint } from "@/lib/engine/replication/plan";
import type { Outcome } from "@/lib/engine/replication/settle";
import type { TargetCore } from "@/lib/engine/replication/target-core";
import { isOrdered } from "@/lib/engine/sessions/state";
import { TwincoreError } from "@/lib/errors";
import { fetchLeadingPlan, type TheirPoint } from "./fetch-plan";
import { noteFetched } from "./note-fetched";
import { takeMetadata } from "./take-metadata";
import { takePoints } from "./take-points";

/**
 * Caller, while the other core is current for the agent: one attempt to bring this core up to date, in place of the pushing of
 * `replicate`: plan → mirror → metadata → points, the oldest first. Progress, lease, settling and resuming are those of any run.
 */
export async function fetchFromLeader(
  ctx: EngineContext,
  leased: LeasedRun,
  control: RunControl,
  target: TargetCore,
): Promise<Outcome> {
  const { session, run } = leased;
  const { agentId } = session;
  const plan = await fetchLeadingPlan(ctx, target, session);
  if (plan.paused) return { kind: "paused", by: "target" };
  await noteFetched(ctx, leased, plan.newest);
  if (plan.missing.length === 0) {
    if (plan.isMetadataNews) await takeMetadata(ctx, leased, target);
    if (plan.newest && !plan.unchanged) await target.acknowledgePull({ agentId, recoveryPointId: plan.newest.id });
    if (plan.conflicting[0]) throw conflictOf(plan.conflicting[0]);
    return { kind: "succeeded", hadWork: false };
  }
  control.progress.plan(plan.missing.length, bytesOf(plan.missing));
  await beginWork(ctx, leased);
  control.setTargetCap((await target.verifyAbility({ agentId })).maxTransferSpeed);
  const jobId = await target.startPullJob({ agentId, masterJobId: run.id, protocolVersion: PROTOCOL_VERSION });
  control.mirrorTo(target, jobId);
  control.progress.phase = "metadata";
  const part = { id: agentId, kind: "Metadata" as const, summary: `Metadata of ${session.agent.name}` };
  await control.parts.during(part, () => takeMetadata(ctx, leased, target));
  await takePoints({ ctx, leased, control, target, jobId }, plan.missing);
  if (plan.conflicting[0]) throw conflictOf(plan.conflicting[0]);
  control.progress.phase = "finish";
  return { kind: "succeeded", hadWork: true };
}

const bytesOf = (points: readonly TheirPoint[]): number => points.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);

const conflictOf = (point: PlannedPoint): TwincoreError =>
  new TwincoreError(
    "conflict",
    "The other core holds another recovery point under the id of one of ours. Neither was changed.",
    { detail: point.id },
  );

async function beginWork(ctx: EngineContext, leased: LeasedRun): Promise<void> {
  await withTransaction(ctx.db, async (tx) => {
    await tx.$executeRaw`select 1 from replication_session where id = ${leased.session.id}::uuid for update`;
    const session = await tx.replicationSession.findUniqueOrThrow({ where: { id: leased.session.id } });
    const paused = session.state === "paused" && session.pausedBy === "target";
    // What people ordered stands; reprotecting shows until the first copy is done.
    if (isOrdered(session.state) && !paused) return;
    await tx.replicationSession.update({ where: { id: session.id }, data: { state: "synchronizing", pausedBy: null } });
    await emitEvent(tx, "session", session.id);
  });
}
