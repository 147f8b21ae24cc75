import "server-only";
import { withTransaction } from "@/lib/db/transaction";
import type { EngineContext } from "@/lib/engine/context";
import type { ConnectTarget, TargetCore } from "@/lib/engine/replication/target-core";
import { toTwincoreError } from "@/lib/errors";
import type { ReplicationSession } from "@/prisma/generated/client";
import { comparedPoints, deletedPointIds, tellDivergence } from "./compare";
import { lockSession } from "./lock";
import { takeNextStep } from "./next-step";
import type { SessionView, SessionWord } from "./peer-schemas";
import { hasWorkHere } from "./pending";
import { isCompared } from "./receive-word";
import { stepsOf, takeOverView, viewOf } from "./take-over-view";
import { agree, jsonOrNull } from "./views";

/** A person may wait for it. */
const ANSWER_MS = 10_000;
/** Three suffice for a change of roles with its comparison; what is left is spoken of a minute later. */
const ROUNDS_MAX = 6;

export interface TellSessionInput {
  readonly sessionId: string;
  readonly connect: ConnectTarget;
}

/**
 * The side that calls: tells the other core our view of a session and takes over what is newer there, until both stand the same.
 * A core that does not answer is noted in the session; nothing is thrown for it, because the next look asks again.
 */
export async function tellSession(ctx: EngineContext, { sessionId, connect }: TellSessionInput): Promise<void> {
  const session = await ctx.db.prisma.replicationSession.findUnique({
    where: { id: sessionId },
    include: { pairing: { select: { state: true } } },
  });
  if (session?.side !== "source" || session.pairing.state !== "established") return;
  let target: TargetCore | null = null;
  try {
    target = await connect(session.pairingId, { signal: AbortSignal.timeout(ANSWER_MS) });
    await converse(ctx, target, sessionId);
  } catch (thrown) {
    await noteSilence(ctx, { id: sessionId });
    ctx.log.warn(
      { sessionId, code: toTwincoreError(thrown).code, err: thrown },
      "the other core was not told of a session",
    );
  } finally {
    target?.close();
  }
}

/** The other core does not answer: since when, for people and for what needs both. */
export async function noteSilence(ctx: EngineContext, which: { id: string } | { pairingId: string }): Promise<void> {
  await ctx.db.prisma.replicationSession.updateMany({
    where: { ...which, side: "source", unheardSince: null },
    data: { unheardSince: ctx.now() },
  });
}

/** As tellSession, over a connection that is there. Throws what keeps the other core from answering. */
export async function converse(ctx: EngineContext, target: TargetCore, sessionId: string): Promise<void> {
  for (let round = 1; round <= ROUNDS_MAX; round++) {
    const word = await withTransaction(ctx.db, (tx) => wordOf(tx, sessionId));
    if (!word) return;
    const answer = await target.tellSession(word);
    if (await hear(ctx, sessionId, word, answer)) break;
  }
  await continueHere(ctx, sessionId);
}

/** null: there is nothing to tell just now. */
async function wordOf(tx: Parameters<typeof viewOf>[0], sessionId: string): Promise<SessionWord | null> {
  const session = await lockSession(tx, sessionId);
  if (session.state === "ended" || session.state === "deleting" || session.state === "failing_over_for_dr") return null;
  const compares = isCompared(session);
  return {
    sessionId,
    agentId: session.agentId,
    view: await viewOf(tx, session),
    points: compares ? await comparedPoints(tx, session.agentId) : null,
    deletedPointIds: compares ? await deletedPointIds(tx, session.agentId) : [],
  };
}

/** Takes the answer over. true: both stand the same, and have compared what is to be compared. */
function hear(ctx: EngineContext, sessionId: string, word: SessionWord, answer: SessionView): Promise<boolean> {
  return withTransaction(ctx.db, async (tx) => {
    const session = await lockSession(tx, sessionId);
    if (session.state === "ended" || session.state === "failing_over_for_dr") return true;
    const heard = await takeOverView(tx, ctx, session, answer);
    const compared = word.points !== null ? await keepComparison(tx, ctx, heard, answer) : heard;
    const synced = await goOnSyncing(tx, ctx, compared, word);
    const now = await takeNextStep(tx, ctx, synced);
    const pausedBy = now.pausedBy === null ? null : now.pausedBy === "source" ? "source" : ("target" as const);
    const stands = agree(answer, { ...now, pausedBy, steps: stepsOf(now) });
    // What we have just taken over, the other core has to hear that we have.
    return stands && agree(answer, word.view) && (word.points !== null || !isCompared(now));
  });
}

/** The callee compares; what came of it is the same on both sides. */
async function keepComparison(
  tx: Parameters<typeof viewOf>[0],
  ctx: EngineContext,
  session: ReplicationSession,
  { divergence, epoch }: SessionView,
): Promise<ReplicationSession> {
  if (epoch !== session.epoch || (divergence === null && session.divergence === null)) return session;
  const after = await tx.replicationSession.update({
    where: { id: session.id },
    data: {
      divergence: jsonOrNull(divergence),
      divergedAt: divergence === null ? null : (session.divergedAt ?? ctx.now()),
      ...(divergence === null ? { keepSide: null } : { steps: [] }),
    },
  });
  await tellDivergence(tx, ctx, after);
  return after;
}

/** Planned failover, pulled: the core over there has newer points than our last sync brought. It is done again. */
async function goOnSyncing(
  tx: Parameters<typeof viewOf>[0],
  ctx: EngineContext,
  session: ReplicationSession,
  word: SessionWord,
): Promise<ReplicationSession> {
  if (session.state !== "failing_over" || session.role !== "destination" || word.view.syncedPointId === null)
    return session;
  return tx.replicationSession.update({
    where: { id: session.id },
    data: { pendingOrder: jsonOrNull(null), nextRunAt: new Date(ctx.now().getTime() + 1_000) },
  });
}

/** Asks for what has to be done on this core after both have spoken. A job that is lost here is found by the sweep. */
async function continueHere(ctx: EngineContext, sessionId: string): Promise<void> {
  const session = await ctx.db.prisma.replicationSession.findUnique({ where: { id: sessionId } });
  if (!session) return;
  if (hasWorkHere(session)) await ctx.enqueue("advance-session", { sessionId }, { key: sessionId });
  if (session.nextRunAt !== null && session.nextRunAt <= ctx.now())
    await ctx.enqueue("run-replication", { sessionId }, { key: sessionId });
}
