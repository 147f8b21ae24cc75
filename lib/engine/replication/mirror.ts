import "server-only";
import type { z } from "zod";
import type { Tx } from "@/lib/db/client";
import { withTransaction } from "@/lib/db/transaction";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";
import { requireReplicatedAgent } from "@/lib/engine/image-sessions/find";
import { restingState } from "@/lib/engine/sessions/state";
import { notFound } from "@/lib/errors";
import type { ReplicationSession, Run } from "@/prisma/generated/client";
import { ownRateCap } from "./ability";
import type {
  JobProgress,
  PeerJob,
  RemoteSyncReplicationJobRequest,
  SyncedJob,
  UpdateReplicationStatusInput,
} from "./peer-schemas";

const RATE_ROW_MS = 5_000;

/** Target: mirrors the source's progress, and tells what people here want of the run. */
export async function syncRemoteJob(
  ctx: EngineContext,
  input: RemoteSyncReplicationJobRequest,
): Promise<z.input<typeof SyncedJob>> {
  const { run, session } = await mirrorJob(ctx, input.agentId, input.jobId, input.job);
  const paused = session.state === "paused" && session.pausedBy === "target";
  const requested = run.cancelRequestedAt ? "Cancel" : paused ? "Pause" : "Continue";
  return { ...input.job, requested, maxTransferSpeed: await ownRateCap(ctx, session.pairingId) };
}

/** Target: how the source's run stands, above all how it ended. */
export async function updateReplicationStatus(ctx: EngineContext, input: UpdateReplicationStatusInput): Promise<void> {
  await mirrorJob(ctx, input.agentId, input.id, input);
}

interface Mirrored {
  run: Run;
  session: ReplicationSession;
}

async function mirrorJob(ctx: EngineContext, agentId: string, jobId: string, job: PeerJob): Promise<Mirrored> {
  const agent = await requireReplicatedAgent(ctx, agentId);
  const remote = await ctx.db.prisma.remoteJob.findFirst({
    where: { id: jobId, agentId: agent.id, pairingId: agent.pairingId },
  });
  if (!remote) throw notFound("replication job");
  return withTransaction(ctx.db, async (tx) => {
    const run = await tx.run.findUnique({ where: { id: remote.runId } });
    if (!run) throw notFound("replication job");
    const session = await tx.replicationSession.findUniqueOrThrow({ where: { id: run.sessionId } });
    // What has ended stays as it ended: an answer that was lost may come again late.
    if (remote.endedAt || run.endedAt) return { run, session };
    const next = { ...countersOf(run, job), ...stateOf(ctx, job) };
    await tx.run.update({ where: { id: run.id }, data: next });
    if (next.endedAt) await tx.remoteJob.update({ where: { id: jobId }, data: { endedAt: next.endedAt } });
    await keepRate(tx, ctx, run, job.progress);
    await emitEvent(tx, "run", run.id);
    return { run, session: await moveSession(tx, ctx, session, job) };
  });
}

/** Counters never go backwards, whatever comes late. */
function countersOf(run: Run, { progress }: PeerJob) {
  if (!progress) return {};
  const larger = (old: bigint, now: number) => (BigInt(now) > old ? BigInt(now) : old);
  return {
    phase: progress.phase,
    pointsTotal: Math.max(run.pointsTotal, progress.pointsTotal),
    pointsDone: Math.max(run.pointsDone, progress.pointsDone),
    bytesTotal: larger(run.bytesTotal, progress.bytesTotal),
    bytesDone: larger(run.bytesDone, progress.bytesDone),
    wireBytes: larger(run.wireBytes, progress.wireBytes),
    savedBytes: larger(run.savedBytes, progress.savedBytes),
    recordsNew: larger(run.recordsNew, progress.recordsNew),
    recordsKnown: larger(run.recordsKnown, progress.recordsKnown),
    rateBytesPerSecond: BigInt(progress.rateBytesPerSecond),
    etaSeconds: progress.etaSeconds,
    limitedBy: progress.limitedBy,
  };
}

function stateOf(ctx: EngineContext, { status, failureReason }: PeerJob) {
  const failure = { failureCode: failureReason?.detail || null, failureMessage: failureReason?.message ?? null };
  const still = { rateBytesPerSecond: 0n, etaSeconds: null, endedAt: ctx.now() };
  switch (status) {
    case "Succeeded":
      return { state: "succeeded" as const, ...still };
    case "Failed":
      return { state: "failed" as const, ...failure, ...still };
    case "Canceled":
      return { state: "cancelled" as const, ...still };
    case "Waiting":
      return {
        state: "paused" as const,
        pauseReason: failureReason?.message ?? "Paused on the source.",
        rateBytesPerSecond: 0n,
        etaSeconds: null,
        endedAt: null,
      };
    default:
      return { state: "running" as const, pauseReason: null, endedAt: null };
  }
}

async function keepRate(tx: Tx, ctx: EngineContext, run: Run, progress: JobProgress | null): Promise<void> {
  if (!progress) return;
  const newest = await tx.runRate.findFirst({ where: { runId: run.id }, orderBy: { at: "desc" } });
  const at = ctx.now();
  const sinceMs = at.getTime() - (newest?.at ?? run.startedAt ?? run.createdAt).getTime();
  if (sinceMs < RATE_ROW_MS) return;
  const wireDelta = Math.max(0, progress.wireBytes - Number(run.wireBytes));
  const updateMs = Math.max(1, at.getTime() - run.updatedAt.getTime());
  await tx.runRate.create({
    data: {
      runId: run.id,
      at,
      wireBytesPerSecond: BigInt(Math.round((wireDelta * 1000) / updateMs)),
      bytesPerSecond: BigInt(progress.rateBytesPerSecond),
    },
  });
}

/** The mirror of the session; a pause by people here outlives whatever the source says. */
async function moveSession(
  tx: Tx,
  ctx: EngineContext,
  session: ReplicationSession,
  job: PeerJob,
): Promise<ReplicationSession> {
  const data = sessionAfter(ctx, session, job);
  if (!data) return session;
  const moved = await tx.replicationSession.update({ where: { id: session.id }, data });
  await emitEvent(tx, "session", session.id);
  return moved;
}

function sessionAfter(ctx: EngineContext, session: ReplicationSession, job: PeerJob) {
  const held = session.state === "ended" || (session.state === "paused" && session.pausedBy === "target");
  const failure = {
    failureCode: job.failureReason?.detail || null,
    failureMessage: job.failureReason?.message ?? null,
  };
  const resting = restingState(session.newestPointId !== null);
  switch (job.status) {
    case "Succeeded":
      return {
        ...(held ? {} : { state: resting }),
        lastSuccessAt: ctx.now(),
        consecutiveFailures: 0,
        failureCode: null,
        failureMessage: null,
      };
    case "Failed":
      return {
        ...(held ? {} : { state: "system_paused" as const }),
        ...failure,
        consecutiveFailures: { increment: 1 },
      };
    case "Canceled":
      return held ? null : { state: resting };
    case "Waiting":
      if (held) return null;
      return job.failureReason
        ? { state: "system_paused" as const, ...failure }
        : { state: "paused" as const, pausedBy: "source" };
    default:
      return held || session.state === "synchronizing" ? null : { state: "synchronizing" as const, pausedBy: null };
  }
}
