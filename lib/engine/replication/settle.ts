import "server-only";
import type { Tx } from "@/lib/db/client";
import { withTransaction } from "@/lib/db/transaction";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";
import { takeNextStep } from "@/lib/engine/sessions/next-step";
import { pruneRuns } from "@/lib/engine/sessions/prune-runs";
import { isSynced, settleOrder } from "@/lib/engine/sessions/settle-order";
import { canMove, isAtRest, restingState, retryDelaySeconds } from "@/lib/engine/sessions/state";
import { countTransferred } from "@/lib/engine/usage/count-transferred";
import { settleRecords } from "@/lib/engine/vault-replications/follow";
import type { TwincoreError } from "@/lib/errors";
import type { ReplicationSession } from "@/prisma/generated/client";
import type { LeasedRun } from "./lease";
import type { Progress } from "./progress";

/** How one attempt of a run ended. */
export type Outcome =
  | { kind: "succeeded"; hadWork: boolean }
  | { kind: "paused"; by: "source" | "target" }
  /** Something is missing just now; the same run goes on later. */
  | { kind: "waiting"; error: TwincoreError }
  /** It would fail again as it is; a new run tries later all the same. */
  | { kind: "failed"; error: TwincoreError }
  | { kind: "cancelled" }
  /** The throttle schedule sends nothing just now; the same run goes on when its window is over. */
  | { kind: "blocked" }
  /** The worker stops; another one goes on. */
  | { kind: "interrupted" };

/** How often we ask a target that was paused there whether it still is. */
const PAUSED_LOOK_SECONDS = 60;

/** Writes the end of an attempt: run, session and when to try again, in one transaction, and lets go of the lease. */
export async function settle(
  ctx: EngineContext,
  leased: LeasedRun,
  progress: Progress,
  outcome: Outcome,
): Promise<void> {
  const { unheard, wired } = await withTransaction(ctx.db, async (tx) => {
    await tx.$executeRaw`select 1 from replication_session where id = ${leased.session.id}::uuid for update`;
    const session = await tx.replicationSession.findUnique({ where: { id: leased.session.id } });
    if (!session || !(await isOurs(tx, leased))) return { unheard: false, wired: 0 };
    const { wireBytes } = await tx.run.findUniqueOrThrow({ where: { id: leased.run.id } });
    await settleRun(tx, ctx, leased, progress, outcome);
    await settleSession(tx, ctx, session, progress, outcome);
    await settleRecords(tx, ctx, session, outcome);
    if (outcome.kind === "succeeded" && outcome.hadWork) await keepDuration(tx, ctx, leased);
    await takeNextStep(tx, ctx, await tx.replicationSession.findUniqueOrThrow({ where: { id: session.id } }));
    await pruneRuns(tx, session.id);
    await emitEvent(tx, "run", leased.run.id);
    await emitEvent(tx, "session", session.id);
    const after = await tx.replicationSession.findUniqueOrThrow({ where: { id: session.id } });
    const pausedThere = outcome.kind === "paused" && outcome.by === "target";
    return {
      unheard: after.revision > after.heardRevision || isSynced(after) || pausedThere,
      wired: progress.counters.wireBytes - Number(wireBytes),
    };
  });
  await countTransferred(ctx.db.prisma, leased.session.agentId, wired);
  const sessionId = leased.session.id;
  if (unheard) await ctx.enqueue("tell-session", { sessionId }, { key: sessionId });
}

/** From the beginning of the run, over all of its attempts. */
async function keepDuration(tx: Tx, ctx: EngineContext, { run, session }: LeasedRun): Promise<void> {
  const lastSyncMs = Math.max(0, ctx.now().getTime() - (run.startedAt ?? run.createdAt).getTime());
  await tx.replicationSession.update({ where: { id: session.id }, data: { lastSyncMs } });
}

async function isOurs(tx: Tx, { run, owner }: LeasedRun): Promise<boolean> {
  return (await tx.run.count({ where: { id: run.id, leaseOwner: owner, state: "running" } })) === 1;
}

async function settleRun(
  tx: Tx,
  ctx: EngineContext,
  leased: LeasedRun,
  progress: Progress,
  outcome: Outcome,
): Promise<void> {
  const where = { id: leased.run.id };
  const untouched = progress.counters.pointsTotal === 0;
  // A look that found nothing to do, or the other side paused, is no run worth to be listed.
  const idle =
    (outcome.kind === "succeeded" && !outcome.hadWork) ||
    outcome.kind === "cancelled" ||
    (outcome.kind === "paused" && outcome.by === "target");
  if (leased.fresh && untouched && idle) {
    await tx.run.delete({ where });
    return;
  }
  if (outcome.kind === "succeeded") progress.complete();
  await tx.run.update({
    where,
    data: { ...columnsOf(progress), ...endOf(ctx, outcome), leaseOwner: null, leaseUntil: null },
  });
}

function columnsOf(progress: Progress) {
  const { pointsTotal, pointsDone, ...rest } = progress.counters;
  return {
    pointsTotal,
    pointsDone,
    bytesTotal: BigInt(rest.bytesTotal),
    bytesDone: BigInt(rest.bytesDone),
    wireBytes: BigInt(rest.wireBytes),
    savedBytes: BigInt(rest.savedBytes),
    recordsNew: BigInt(rest.recordsNew),
    recordsKnown: BigInt(rest.recordsKnown),
    rateBytesPerSecond: 0n,
    etaSeconds: null,
    limitedBy: "nothing",
    phase: progress.phase,
    mode: progress.mode,
  };
}

function endOf(ctx: EngineContext, outcome: Outcome) {
  switch (outcome.kind) {
    case "succeeded":
      return { state: "succeeded" as const, phase: "finish" as const, endedAt: ctx.now() };
    case "cancelled":
      return { state: "cancelled" as const, endedAt: ctx.now() };
    case "failed":
      return {
        state: "failed" as const,
        endedAt: ctx.now(),
        failureCode: outcome.error.code,
        failureMessage: outcome.error.message,
      };
    case "waiting":
      return { state: "paused" as const, pauseReason: outcome.error.message };
    case "paused":
      return { state: "paused" as const, pauseReason: outcome.by === "target" ? "Paused on the target." : "Paused." };
    case "blocked":
      return { state: "queued" as const, pauseReason: "The throttle schedule sends nothing just now." };
    case "interrupted":
      return { state: "queued" as const };
    default:
      return outcome satisfies never;
  }
}

async function settleSession(
  tx: Tx,
  ctx: EngineContext,
  session: ReplicationSession,
  progress: Progress,
  outcome: Outcome,
): Promise<void> {
  if (session.state === "failing_over" || session.state === "reprotecting")
    return settleOrder(tx, ctx, session, sessionAfter(ctx, session, progress, outcome), outcome);
  const data = sessionAfter(ctx, session, progress, outcome);
  // Somebody may have paused or ended it while the run came to its end: that stands.
  const held = isAtRest(session);
  const rests = session.state === "pausing" ? "paused" : session.state;
  const state = held || !data.state || !canMove(session.state, data.state) ? rests : data.state;
  const pausedBy = state === "paused" ? (held ? session.pausedBy : (data.pausedBy ?? session.pausedBy)) : null;
  // A wish that came meanwhile is not lost.
  const nextRunAt = held ? null : data.nextRunAt === undefined ? session.nextRunAt : data.nextRunAt;
  await tx.replicationSession.update({ where: { id: session.id }, data: { ...data, state, pausedBy, nextRunAt } });
}

function sessionAfter(ctx: EngineContext, session: ReplicationSession, progress: Progress, outcome: Outcome) {
  const resting = restingState(session.newestPointId !== null);
  const later = (seconds: number) => new Date(ctx.now().getTime() + seconds * 1000);
  const fine = { failureCode: null, failureMessage: null, consecutiveFailures: 0 };
  switch (outcome.kind) {
    case "succeeded":
      return { state: resting, ...fine, lastSuccessAt: ctx.now() };
    case "cancelled":
      return { state: resting, nextRunAt: null };
    case "blocked":
      return { state: resting, nextRunAt: ctx.now() };
    case "interrupted":
      return { nextRunAt: ctx.now() };
    case "paused":
      if (outcome.by === "target")
        return { state: "paused" as const, pausedBy: "target", nextRunAt: later(PAUSED_LOOK_SECONDS) };
      // Somebody here paused it. Whether that still stands only the row knows: it may have been resumed since.
      return session.state === "paused" ? {} : { nextRunAt: ctx.now() };
    case "waiting":
    case "failed": {
      // What got on before it failed has not failed in a row.
      const consecutiveFailures = progress.moved && outcome.kind === "waiting" ? 1 : session.consecutiveFailures + 1;
      return {
        state: "system_paused" as const,
        failureCode: outcome.error.code,
        failureMessage: outcome.error.message,
        consecutiveFailures,
        nextRunAt: later(retryDelaySeconds(consecutiveFailures)),
      };
    }
    default:
      return outcome satisfies never;
  }
}
