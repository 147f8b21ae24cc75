import "server-only";
import type { Tx } from "@/lib/db/client";
import { withTransaction } from "@/lib/db/transaction";
import { writeAudit } from "@/lib/engine/audit";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";
import { requireReplicatedAgent } from "@/lib/engine/image-sessions/find";
import { peerOf } from "@/lib/engine/pairing/caller";
import { hearProtocol } from "@/lib/engine/pairing/protocol";
import { assertFollows } from "@/lib/engine/pull/lead";
import { pruneRuns } from "@/lib/engine/sessions/prune-runs";
import { sessionIdOf } from "@/lib/engine/sessions/session-id";
import { isOrdered } from "@/lib/engine/sessions/state";
import { notFound, TwincoreError } from "@/lib/errors";
import type { ReplicationSession } from "@/prisma/generated/client";
import { keepChildJobs } from "./child-jobs";
import type { RemoteReplicationJobRequest, TransferJobRef } from "./peer-schemas";

/**
 * Target: begins the mirror of a source's run and gives its id here. The same run gives the same job, also when it goes on after
 * a pause. Throws `conflict` with detail "paused" while people here have paused the agent, with detail "protocol" when the two
 * cores speak none in common, with detail "failed-over" when this core is current for the agent.
 */
export async function startRemoteJob(ctx: EngineContext, input: RemoteReplicationJobRequest): Promise<string> {
  const { id: agentId, pairingId } = await requireReplicatedAgent(ctx, input.agentId);
  await assertFollows(ctx.db.prisma, { agentId, pairingId });
  return beginRemoteJob(ctx, input);
}

/** The same, whichever of the cores is current: also a run by which the caller fetches is mirrored here. */
export async function beginRemoteJob(ctx: EngineContext, input: RemoteReplicationJobRequest): Promise<string> {
  const agent = await requireReplicatedAgent(ctx, input.agentId);
  await hearProtocol(ctx, agent.pairingId, input.protocolVersion);
  return withTransaction(ctx.db, async (tx) => {
    const session = await lockTargetSession(tx, agent.id, agent.pairingId);
    if (session.state === "paused" && session.pausedBy === "target")
      throw new TwincoreError("conflict", "The target's operator has paused this agent.", { detail: "paused" });
    const masterJobId = input.masterJobId ?? null;
    const jobId = (await findJob(tx, ctx, session, masterJobId)) ?? (await createJob(tx, ctx, session, masterJobId));
    await tx.replicationSession.update({
      where: { id: session.id },
      data: {
        // What an order decided stays until it is done; a pause of the source is over when it runs.
        ...(isOrdered(session.state) && session.state !== "paused" ? {} : { state: "synchronizing", pausedBy: null }),
        nextRunAt: null,
        lastRunAt: ctx.now(),
      },
    });
    await emitEvent(tx, "session", session.id);
    return jobId;
  });
}

/**
 * Target: the mirror of a transfer below that of a run. Beginning it again changes nothing. Throws `not_found` for a job that is
 * not the caller's, `conflict` when the run has ended.
 */
export async function startTransferJob(ctx: EngineContext, input: TransferJobRef): Promise<void> {
  const agent = await requireReplicatedAgent(ctx, input.agentId);
  const where = { id: input.jobId, agentId: agent.id, pairingId: agent.pairingId, kind: "replication" as const };
  await withTransaction(ctx.db, async (tx) => {
    const known = await tx.remoteJob.findFirst({ where });
    if (!known) throw notFound("replication job");
    const session = await lockTargetSession(tx, agent.id, agent.pairingId);
    const job = await tx.remoteJob.findUniqueOrThrow({ where: { id: known.id } });
    const masterId = input.masterJobId ?? job.id;
    if ((await tx.remoteJob.count({ where: { parentId: job.id, masterId } })) > 0) return;
    if (job.endedAt) throw new TwincoreError("conflict", "This replication job has ended. Start it again first.");
    const child = { id: masterId, kind: "Transfer" as const, status: "Running" as const };
    await keepChildJobs(tx, ctx, job, [{ ...child, summary: "Transfer of recovery points" }]);
    await emitEvent(tx, "session", session.id);
  });
}

/** This core's view of the replication of an agent; locked, so that two starts of one run make one job. */
export async function lockTargetSession(tx: Tx, agentId: string, pairingId: string): Promise<ReplicationSession> {
  const { requestKeyDigest } = await tx.pairing.findUniqueOrThrow({ where: { id: pairingId } });
  const id = sessionIdOf(requestKeyDigest, agentId);
  await tx.replicationSession.createMany({
    data: [{ id, agentId, pairingId, side: "target", role: "destination" }],
    skipDuplicates: true,
  });
  await tx.$executeRaw`
    select 1 from replication_session where agent_id = ${agentId}::uuid and pairing_id = ${pairingId}::uuid for update`;
  return tx.replicationSession.findUniqueOrThrow({ where: { agentId_pairingId: { agentId, pairingId } } });
}

/** Without an id of the source's, the job that goes on is meant. */
async function findJob(
  tx: Tx,
  ctx: EngineContext,
  session: ReplicationSession,
  masterJobId: string | null,
): Promise<string | null> {
  const goesOn = masterJobId ? {} : { endedAt: null };
  const run = await tx.run.findFirst({ where: { sessionId: session.id, remoteJobId: masterJobId, ...goesOn } });
  const job = run && (await tx.remoteJob.findFirst({ where: { runId: run.id, kind: "replication" } }));
  if (!run || !job) return null;
  const heard = { status: "Running", heardAt: ctx.now(), silentSince: null, endedAt: null };
  await tx.remoteJob.update({ where: { id: job.id }, data: { ...heard, failureMessage: null, failureDetail: null } });
  await tx.run.update({
    where: { id: run.id },
    data: { state: "running", pauseReason: null, failureCode: null, failureMessage: null, endedAt: null },
  });
  await emitEvent(tx, "run", run.id);
  return job.id;
}

/** The source runs one at a time: an older one of it that did not say how it ended is over. */
async function createJob(
  tx: Tx,
  ctx: EngineContext,
  session: ReplicationSession,
  masterJobId: string | null,
): Promise<string> {
  await tx.run.updateMany({
    where: { sessionId: session.id, state: { in: ["queued", "running", "paused"] } },
    data: {
      state: "failed",
      endedAt: ctx.now(),
      failureCode: "unavailable",
      failureMessage: "The source began a new run.",
    },
  });
  const run = await tx.run.create({
    data: { sessionId: session.id, state: "running", remoteJobId: masterJobId, startedAt: ctx.now() },
  });
  const { pairingId } = peerOf(ctx);
  await tx.remoteJob.updateMany({
    where: { agentId: session.agentId, pairingId, OR: [{ endedAt: null }, { silentSince: { not: null } }] },
    data: { status: "Failed", endedAt: ctx.now(), silentSince: null },
  });
  const { name } = await tx.agent.findUniqueOrThrow({ where: { id: session.agentId }, select: { name: true } });
  const job = await tx.remoteJob.create({
    data: { pairingId, agentId: session.agentId, runId: run.id, summary: `Replication of ${name}`, heardAt: ctx.now() },
  });
  await pruneRuns(tx, session.id);
  await writeAudit(tx, ctx, "replication.start", session.id, { run: run.id });
  await emitEvent(tx, "run", run.id);
  return job.id;
}
