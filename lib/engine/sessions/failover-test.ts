import "server-only";
import { withTransaction } from "@/lib/db/transaction";
import { writeAudit } from "@/lib/engine/audit";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";
import { createTestCopy, removeTestCopy } from "@/lib/engine/point-copies";
import { conflict, notFound, toTwincoreError } from "@/lib/errors";
import { getSessionSummary } from "./get";
import { factsOf, lockSession } from "./lock";
import { assertOperation } from "./operations";
import type { SessionSummary, StartFailoverTestInput, StopFailoverTestInput, StoppedFailoverTest } from "./schemas";

const SWEPT_MAX = 50;

/**
 * Begins a failover test on the destination: a copy of a recovery point that can be restored from and written to, while replication
 * goes on. Taken back by itself after `minutes`. Throws `not_found`, `conflict` by the table or when the point is not whole.
 */
export async function startFailoverTest(ctx: EngineContext, input: StartFailoverTestInput): Promise<SessionSummary> {
  const { agentId, recoveryPointId, name } = await withTransaction(ctx.db, async (tx) => {
    const session = await lockSession(tx, input.id);
    assertOperation(factsOf(session, ctx.now()), "start_failover_test");
    const agent = await tx.agent.findUniqueOrThrow({ where: { id: session.agentId } });
    const point = await tx.recoveryPoint.findFirst({
      where: {
        agentId: session.agentId,
        missingVolumes: { isEmpty: true },
        ...(input.recoveryPointId ? { id: input.recoveryPointId } : {}),
      },
      orderBy: { sequence: "desc" },
    });
    if (!point && input.recoveryPointId) throw notFound("recovery point of this agent");
    if (!point) throw conflict("No recovery point has arrived here yet, so there is nothing to test with.");
    return { agentId: agent.id, recoveryPointId: point.id, name: `${agent.name} (failover test)` };
  });
  const copy = await createTestCopy(ctx, { agentId, recoveryPointId, name });
  try {
    await keepTest(ctx, input, { copyId: copy.agentId, recoveryPointId });
  } catch (thrown) {
    await removeTestCopy(ctx, { agentId: copy.agentId }).catch(() => undefined);
    throw thrown;
  }
  await tellSoon(ctx, input.id);
  return getSessionSummary(ctx, { id: input.id });
}

/** Looked at again: two people may have begun at once. */
async function keepTest(
  ctx: EngineContext,
  { id, minutes }: StartFailoverTestInput,
  { copyId, recoveryPointId }: { copyId: string; recoveryPointId: string },
): Promise<void> {
  const now = ctx.now();
  await withTransaction(ctx.db, async (tx) => {
    const session = await lockSession(tx, id);
    assertOperation(factsOf(session, now), "start_failover_test");
    await tx.replicationSession.update({
      where: { id },
      data: {
        testAgentId: copyId,
        testPointId: recoveryPointId,
        testStartedAt: now,
        testEndsAt: minutes ? new Date(now.getTime() + minutes * 60_000) : null,
      },
    });
    await writeAudit(tx, ctx, "session.start-test", id, { copyId, recoveryPointId });
    await emitEvent(tx, "session", id);
  });
}

/**
 * Ends a failover test. Its copy goes with what was written to it; with `keepRecoveryPoint` the copy stays with all of its points
 * under an agent that keeps them, and the answer is the newest of these. Throws `not_found`, `conflict` by the table, and when a
 * capture or restore of the copy goes on: with `force` the test ends all the same and the copy goes later.
 */
export async function stopFailoverTest(
  ctx: EngineContext,
  given: Partial<StopFailoverTestInput> & { id: string },
): Promise<StoppedFailoverTest> {
  const { id, keepRecoveryPoint = false, force = false } = given;
  const session = await withTransaction(ctx.db, async (tx) => {
    const locked = await lockSession(tx, id);
    assertOperation(factsOf(locked, ctx.now()), "stop_failover_test");
    return locked;
  });
  const copyId = session.testAgentId ?? "";
  if (!keepRecoveryPoint)
    await removeTestCopy(ctx, { agentId: copyId }).catch((thrown: unknown) => {
      if (!force) throw thrown;
      ctx.log.warn({ copyId, error: toTwincoreError(thrown).message }, "the copy of a failover test is removed later");
    });
  const recoveryPointId = await withTransaction(ctx.db, async (tx) => {
    const locked = await lockSession(tx, id);
    // Somebody else ended it meanwhile.
    if (locked.testAgentId !== copyId) return null;
    await tx.replicationSession.update({
      where: { id },
      data: { testAgentId: null, testPointId: null, testStartedAt: null, testEndsAt: null },
    });
    await writeAudit(tx, ctx, "session.stop-test", id, { copyId, keepRecoveryPoint });
    await emitEvent(tx, "session", id);
    if (!keepRecoveryPoint) return null;
    const { name: of } = await tx.agent.findUniqueOrThrow({ where: { id: session.agentId } });
    const name = `${of} (kept of a test ${ctx.now().toISOString().slice(0, 10)})`;
    await tx.agent.updateMany({ where: { id: copyId }, data: { kind: "set_aside", name } });
    await emitEvent(tx, "agent", copyId);
    const newest = await tx.recoveryPoint.findFirst({ where: { agentId: copyId }, orderBy: { sequence: "desc" } });
    return newest?.id ?? null;
  });
  await tellSoon(ctx, id);
  return { recoveryPointId };
}

/** Takes tests back whose time is over. Part of the sweep. */
export async function sweepFailoverTests(ctx: EngineContext): Promise<void> {
  const over = await ctx.db.prisma.replicationSession.findMany({
    where: { testAgentId: { not: null }, testEndsAt: { lte: ctx.now() } },
    select: { id: true },
    take: SWEPT_MAX,
  });
  for (const { id } of over)
    await stopFailoverTest(ctx, { id, force: true }).catch((thrown: unknown) =>
      ctx.log.warn(
        { sessionId: id, error: toTwincoreError(thrown).message },
        "a failover test could not be taken back",
      ),
    );
}

async function tellSoon(ctx: EngineContext, sessionId: string): Promise<void> {
  const calls = await ctx.db.prisma.replicationSession.count({ where: { id: sessionId, side: "source" } });
  if (calls > 0) await ctx.enqueue("tell-session", { sessionId }, { key: sessionId });
}
