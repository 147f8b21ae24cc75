import "server-only";
import { setTimeout as pause } from "node:timers/promises";
import type { Tx } from "@/lib/db/client";
import { withTransaction } from "@/lib/db/transaction";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";
import type { ThrottleSchedule } from "@/lib/engine/replication-settings/schemas";
import { isAtRest } from "@/lib/engine/sessions/state";
import type { Agent, Pairing, ReplicationSession, Run } from "@/prisma/generated/client";
import { takeTurn } from "./turn";

/** Renewed each second; shorter than what the queue needs to notice a dead worker, so that nobody waits for a dead run. */
export const LEASE_SECONDS = 8;
const LOOK_MS = 500;

export interface LeasedRun {
  readonly run: Run;
  readonly session: ReplicationSession & { agent: Agent; pairing: Pairing };
  readonly owner: string;
  /** Made for this occasion, and not worth keeping when there turns out to be nothing to do. */
  readonly fresh: boolean;
  /** What held when it began; each beat hears the newest. */
  readonly throttle: ThrottleSchedule;
  readonly runsOfCore: number;
}

/**
 * Takes the run of a session: the one that was begun and lies there, else a new one. Two runs of a session exclude each other;
 * that of a dead worker is waited for and taken over. null: there is nothing to run, another worker is at it, or it is not the
 * session's turn: then its time is written, and it is asked again when a place is free.
 */
export async function acquireRun(
  ctx: EngineContext,
  sessionId: string,
  owner: string,
  signal: AbortSignal,
): Promise<LeasedRun | null> {
  const giveUpAt = performance.now() + LEASE_SECONDS * 1000 + 2 * LOOK_MS;
  for (;;) {
    const taken = await withTransaction(ctx.db, (tx) => tryAcquire(tx, ctx, sessionId, owner));
    if (taken !== "busy") return taken;
    if (performance.now() > giveUpAt) return null;
    await pause(LOOK_MS, undefined, { signal });
  }
}

async function tryAcquire(
  tx: Tx,
  ctx: EngineContext,
  sessionId: string,
  owner: string,
): Promise<LeasedRun | "busy" | null> {
  await tx.$executeRaw`select 1 from replication_session where id = ${sessionId}::uuid for update`;
  const session = await tx.replicationSession.findUnique({
    where: { id: sessionId },
    include: { agent: true, pairing: true },
  });
  if (session?.side !== "source" || session.pairing.state !== "established") return null;
  if (isAtRest(session) || (await isUntaken(tx, session))) return null;
  const begun = await tx.run.findFirst({
    where: { sessionId, state: { in: ["queued", "running", "paused"] } },
    orderBy: { createdAt: "desc" },
  });
  if (begun?.cancelRequestedAt) {
    await cancelLying(tx, ctx, begun);
    return null;
  }
  if (begun && (await isLeased(tx, begun.id))) return "busy";
  const turn = await takeTurn(tx, ctx, sessionId);
  if (!turn) {
    await tx.replicationSession.updateMany({
      where: { id: sessionId, nextRunAt: null },
      data: { nextRunAt: ctx.now() },
    });
    return null;
  }
  const run = begun ?? (await tx.run.create({ data: { sessionId } }));
  await lease(tx, run.id, owner);
  await tx.replicationSession.update({ where: { id: sessionId }, data: { nextRunAt: null, lastRunAt: ctx.now() } });
  await emitEvent(tx, "run", run.id);
  const leased = await tx.run.findUniqueOrThrow({ where: { id: run.id } });
  return { run: leased, session, owner, fresh: !begun, ...turn };
}

/** A policy asked for it, and the target has not taken the agent in. */
async function isUntaken(tx: Tx, { agentId, pairingId }: ReplicationSession): Promise<boolean> {
  return (await tx.pairingAgent.count({ where: { agentId, pairingId, state: "pending" } })) > 0;
}

async function isLeased(tx: Tx, runId: string): Promise<boolean> {
  const [row] = await tx.$queryRaw<{ leased: boolean }[]>`
    select lease_owner is not null and lease_until > now() as leased from run where id = ${runId}::uuid`;
  return row?.leased ?? false;
}

/** By the clock of the database, which all workers share. */
async function lease(tx: Tx, runId: string, owner: string): Promise<void> {
  await tx.$executeRaw`
    update run set state = 'running', phase = 'plan', started_at = coalesce(started_at, now()), pause_reason = null,
      failure_code = null, failure_message = null, updated_at = now(),
      lease_owner = ${owner}, lease_until = now() + ${LEASE_SECONDS} * interval '1 second'
    where id = ${runId}::uuid`;
}

async function cancelLying(tx: Tx, ctx: EngineContext, run: Run): Promise<void> {
  await tx.run.update({
    where: { id: run.id },
    data: { state: "cancelled", endedAt: ctx.now(), leaseOwner: null, leaseUntil: null },
  });
  await emitEvent(tx, "run", run.id);
}
