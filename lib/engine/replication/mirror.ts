import "server-only";
import type { z } from "zod";
import type { Tx } from "@/lib/db/client";
import { withTransaction } from "@/lib/db/transaction";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";
import { requireReplicatedAgent } from "@/lib/engine/image-sessions/find";
import { isOrdered, restingState } from "@/lib/engine/sessions/state";
import { notFound } from "@/lib/errors";
import type { RemoteJob, ReplicationSession, Run } from "@/prisma/generated/client";
import { ownRateCap } from "./ability";
import { hasEnded, keepChildJobs, listChildJobs } from "./child-jobs";
import type { PeerJob, RemoteSyncReplicationJobRequest, SyncedJob, UpdateReplicationStatusInput } from "./peer-schemas";
import { lockTargetSession } from "./remote-jobs";

const RATE_ROW_MS = 5_000;

/** Target: mirrors the source's progress, and tells what people here want of the run. */
export async function syncRemoteJob(
  ctx: EngineContext,
  input: RemoteSyncReplicationJobRequest,
): Promise<z.input<typeof SyncedJob>> {
  const { run, session, remote } = await mirrorJob(ctx, input.agentId, input.jobId, input.job);
  const paused = session.state === "paused" && session.pausedBy === "target";
  const requested = run.cancelRequestedAt ? "Cancel" : paused ? "Pause" : "Continue";
  return {
    ...input.job,
    id: remote.id,
    startTime: remote.createdAt.toISOString(),
    endTime: remote.endedAt?.toISOString() ?? null,
    childJobs: await listChildJobs(ctx.db.prisma, remote.id),
    requested,
    maxTransferSpeed: await ownRateCap(ctx, session.pairingId),
  };
}

/** Target: how the source's run stands, above all how it ended. */
export async function updateReplicationStatus(ctx: EngineContext, input: UpdateReplicationStatusInput): Promise<void> {
  await mirrorJob(ctx, input.agentId, input.id, input);
}

interface Mirrored {
  run: Run;
  session: ReplicationSession;
  remote: RemoteJob;
}

/** What a source says of a job; its id is in the address. */
type Word = Omit<PeerJob, "id">;

async function mirrorJob(ctx: EngineContext, agentId: string, jobId: string, job: Word): Promise<Mirrored> {
  const agent = await requireReplicatedAgent(ctx, agentId);
  const where = { id: jobId, agentId: agent.id, pairingId: agent.pairingId, kind: "replication" as const };
  if ((await ctx.db.prisma.remoteJob.count({ where })) === 0) throw notFound("replication job");
  return withTransaction(ctx.db, async (tx) => {
    const session = await lockTargetSession(tx, agent.id, agent.pairingId);
    // The pairing was ended while this word waited for the lock.
    if (session.state === "ended") throw notFound("replication job");
    const remote = await tx.remoteJob.findFirst({ where });
    const run = remote && (await tx.run.findUnique({ where: { id: remote.runId } }));
    if (!remote || !run) throw notFound("replication job");
    // What has ended stays as it ended: an answer that was lost may come again late. Ended by silence alone is not an end.
    if ((remote.endedAt || run.endedAt) && !remote.silentSince) return { run, session, remote };
    const next = { ...countersOf(run, job), ...stateOf(ctx, session, job) };
    await tx.run.update({ where: { id: run.id }, data: next });
    const heard = await keepWord(tx, ctx, remote, job);
    await keepRate(tx, ctx, run, job.progress ?? null);
    await emitEvent(tx, "run", run.id);
    return { run, session: await moveSession(tx, ctx, session, job), remote: heard };
  });
}

/** The mirrored job itself and its parts. When it stops, so do those parts that nothing more will be heard of. */
async function keepWord(tx: Tx, ctx: EngineContext, remote: RemoteJob, job: Word): Promise<RemoteJob> {
  const now = ctx.now();
  const endedAt = hasEnded(job.status) ? now : null;
  const heard = await tx.remoteJob.update({
    where: { id: remote.id },
    data: {
      status: job.status,
      summary: job.summary || remote.summary,
      phase: job.progress?.phase ?? remote.phase,
      failureMessage: job.failureReason?.message ?? null,
      failureDetail: job.failureReason?.detail ?? null,
      heardAt: now,
      silentSince: null,
      endedAt,
    },
  });
  await keepChildJobs(tx, ctx, remote, job.childJobs ?? []);
  if (endedAt || job.status === "Waiting")
    await tx.remoteJob.updateMany({
      where: { parentId: remote.id, endedAt: null },
      data: { status: job.status, endedAt },
    });
  return heard;
}

/** Counters never go backwards, whatever comes late. */
function countersOf(run: Run, { progress }: Word) {
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
    mode: progress.mode ?? "negotiated",
  };
}

function stateOf(ctx: EngineContext, session: ReplicationSession, { status, failureReason }: Word) {
  const pausedHere = session.state === "paused" && session.pausedBy === "target";
  const failure = { failureCode: failureReason?.detail || null, failureMessage: failureReason?.message ?? null };
  const going = { pauseReason: null, endedAt: null, failureCode: null, failureMessage: null };
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
        pauseReason: failureReason?.message ?? (pausedHere ? "Paused on this core." : "Paused on the source."),
        rateBytesPerSecond: 0n,
        etaSeconds: null,
        endedAt: null,
      };
    case "Queued":
    case "Pending":
      return { state: "queued" as const, ...going };
    default:
      return { state: "running" as const, ...going };
  }
}

async function keepRate(tx: Tx, ctx: EngineContext, run: Run, progress: PeerJob["progress"] | null): Promise<void> {
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
  job: Word,
): Promise<ReplicationSession> {
  const data = sessionAfter(ctx, session, job);
  if (!data) return session;
  const moved = await tx.replicationSession.update({ where: { id: session.id }, data });
  await emitEvent(tx, "session", session.id);
  return moved;
}

/** What people decided, on either core, outlives what a run says of itself; only a pause of the source is over when it runs. */
const isHeldHere = ({ state, pausedBy }: ReplicationSession): boolean =>
  isOrdered(state) && !(state === "paused" && pausedBy !== "target");

function sessionAfter(ctx: EngineContext, session: ReplicationSession, job: Word) {
  const held = isHeldHere(session);
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
      return held || session.state === "synchronizing"
        ? null
        : { state: "synchronizing" as const, pausedBy: null, failureCode: null, failureMessage: null };
  }
}
