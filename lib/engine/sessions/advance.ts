import "server-only";
import { z } from "zod";
import type { Tx } from "@/lib/db/client";
import { withTransaction } from "@/lib/db/transaction";
import { writeAudit } from "@/lib/engine/audit";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";
import { materializeVolumes } from "@/lib/engine/managed-volumes";
import { cloneRecoveryPoint, removeTestCopy, setAsidePoints } from "@/lib/engine/point-copies";
import { conflict, toTwincoreError } from "@/lib/errors";
import type { ReplicationSession } from "@/prisma/generated/client";
import { tellDivergence } from "./compare";
import { newestPoint, takeLead } from "./leadership";
import { lockSession } from "./lock";
import { Divergent } from "./peer-schemas";
import { pendingOf, staleDisks } from "./pending";
import { jsonOrNull } from "./views";

/** Points that one call sets aside; the rest is found when the comparison is made again. */
const SET_ASIDE_MAX = 10_000;
const SWEPT_MAX = 500;

/** An unplanned failover that this core has begun, as its row keeps it. */
export const TakeOver = z.object({
  order: z.literal("take-over"),
  at: z.string(),
  recoveryPointId: z.string().nullable(),
  useTestCopy: z.boolean(),
});
export type TakeOver = z.infer<typeof TakeOver>;

/**
 * Does what an order still needs on this core: takes the agent over after an unplanned failover; puts points aside that lost. May
 * be repeated and goes on after a crash between any two steps. What goes wrong is written to the session and tried again by the sweep.
 */
export async function advanceSession(ctx: EngineContext, { sessionId }: { sessionId: string }): Promise<void> {
  const session = await ctx.db.prisma.replicationSession.findUnique({ where: { id: sessionId } });
  if (!session) return;
  try {
    if (session.state === "failing_over_for_dr") await finishTakeOver(ctx, session);
    else if (session.keepSide !== null && session.keepSide !== session.side) await putAside(ctx, session);
    const now = await ctx.db.prisma.replicationSession.findUniqueOrThrow({ where: { id: sessionId } });
    if (now.role === "source" && pendingOf(now) === "materialize") await writeDisks(ctx, now);
    if (session.side === "source") await ctx.enqueue("tell-session", { sessionId }, { key: sessionId });
  } catch (thrown) {
    const { code, message } = toTwincoreError(thrown);
    ctx.log.error({ sessionId, err: thrown }, "an order to a replication session could not be done");
    await ctx.db.prisma.replicationSession.updateMany({
      where: { id: sessionId },
      data: { failureCode: code, failureMessage: message },
    });
  }
}

/** The disk images that this core keeps itself become what the newest point shows; captures of them go on from there. */
async function writeDisks(ctx: EngineContext, session: ReplicationSession): Promise<void> {
  const newest = await ctx.db.prisma.$transaction((tx) => newestPoint(tx, session.agentId));
  if (newest) await materializeVolumes(ctx, { agentId: session.agentId, recoveryPointId: newest.id });
  await withTransaction(ctx.db, async (tx) => {
    const now = await lockSession(tx, session.id);
    if (now.role !== "source" || pendingOf(now) !== "materialize") return;
    await tx.replicationSession.update({
      where: { id: now.id },
      data: { pendingOrder: jsonOrNull(null), failureCode: null, failureMessage: null },
    });
    await emitEvent(tx, "session", now.id);
  });
}

/** Orders whose job was lost, or that could not be done a while ago. Part of the sweep. */
export async function sweepOrders(ctx: EngineContext): Promise<void> {
  const left = await ctx.db.prisma.$queryRaw<{ id: string }[]>`
    select id from replication_session
    where state not in ('deleting', 'ended') and (
      state = 'failing_over_for_dr' or keep_side <> side or role = 'source' and pending_order->>'order' = 'materialize'
    )
    limit ${SWEPT_MAX}`;
  for (const { id } of left) await ctx.enqueue("advance-session", { sessionId: id }, { key: id });
}

/** 1. the chosen point becomes the newest; 2. this core becomes current, in one transaction. */
async function finishTakeOver(ctx: EngineContext, session: ReplicationSession): Promise<void> {
  const order = TakeOver.parse(session.pendingOrder);
  const common = await ctx.db.prisma.$transaction((tx) => newestPoint(tx, session.agentId));
  const chosen = await chosenPoint(ctx, session, order);
  const base = chosen ? await makeNewest(ctx, session, chosen, order) : (common?.id ?? null);
  const testAgentId = await withTransaction(ctx.db, async (tx) => {
    const now = await lockSession(tx, session.id);
    if (now.state !== "failing_over_for_dr") return null;
    await takeOver(tx, ctx, now, { base, order });
    return order.useTestCopy ? now.testAgentId : null;
  });
  if (testAgentId) await removeTestCopy(ctx, { agentId: testAgentId }).catch(() => undefined);
}

async function takeOver(
  tx: Tx,
  ctx: EngineContext,
  session: ReplicationSession,
  { base, order }: { base: string | null; order: TakeOver },
): Promise<void> {
  const common = base === null ? null : await tx.recoveryPoint.findUnique({ where: { id: base } });
  await takeLead(tx, session);
  await tx.replicationSession.update({
    where: { id: session.id },
    data: {
      role: "source",
      state: "failed_over",
      // Forced again: this core is current already.
      epoch: session.role === "source" ? session.epoch : session.epoch + 1,
      revision: session.revision + 1,
      failoverKind: "unplanned",
      failedOverAt: ctx.now(),
      commonPointId: session.role === "source" ? session.commonPointId : base,
      // What the other core has, as far as anybody knows here.
      newestPointId: session.role === "source" ? session.newestPointId : (common?.id ?? null),
      newestPointAt: session.role === "source" ? session.newestPointAt : (common?.createdAt ?? null),
      pendingOrder: await staleDisks(tx, session.agentId),
      pausedBy: null,
      steps: [],
      nextRunAt: null,
      failureCode: null,
      failureMessage: null,
      ...(order.useTestCopy ? { testAgentId: null, testPointId: null, testStartedAt: null, testEndsAt: null } : {}),
    },
  });
  await writeAudit(tx, ctx, "session.failed-over", session.id, { kind: "unplanned", point: order.recoveryPointId });
  await emitEvent(tx, "session", session.id);
}

/** null: this core goes on from the newest point that it has. */
async function chosenPoint(
  ctx: EngineContext,
  session: ReplicationSession,
  { recoveryPointId, useTestCopy }: TakeOver,
): Promise<string | null> {
  if (!useTestCopy) return recoveryPointId;
  const newest = await ctx.db.prisma.recoveryPoint.findFirst({
    where: { agentId: session.testAgentId ?? session.agentId },
    orderBy: { sequence: "desc" },
    select: { id: true },
  });
  if (!newest) throw conflict("The failover test has no recovery point any more. Fail over without it.");
  return newest.id;
}

/** Gives the newest point that came from the other core. After a crash behind the copy, the copy is found and not made again. */
async function makeNewest(
  ctx: EngineContext,
  session: ReplicationSession,
  recoveryPointId: string,
  order: TakeOver,
): Promise<string | null> {
  const label = `Failed over to ${recoveryPointId}`;
  const [newest, before] = await ctx.db.prisma.recoveryPoint.findMany({
    where: { agentId: session.agentId, missingVolumes: { isEmpty: true } },
    orderBy: { sequence: "desc" },
    take: 2,
    select: { id: true, label: true, committedAt: true },
  });
  if (newest?.id === recoveryPointId) return newest.id;
  if (newest?.label === label && newest.committedAt >= new Date(order.at)) return before?.id ?? null;
  await cloneRecoveryPoint(ctx, { recoveryPointId, toAgentId: session.agentId, label });
  return newest?.id ?? null;
}

/** This side's points since the common one lose: they move to an agent that keeps them. Then both are compared again. */
async function putAside(ctx: EngineContext, session: ReplicationSession): Promise<void> {
  const divergence = Divergent.parse(session.divergence);
  const common = divergence.commonPointId
    ? await ctx.db.prisma.recoveryPoint.findUnique({ where: { id: divergence.commonPointId } })
    : null;
  if (divergence.commonPointId && !common)
    throw conflict("The recovery point that both cores had in common is gone from here. Nothing was set aside.");
  const losing = await ctx.db.prisma.recoveryPoint.findMany({
    where: { agentId: session.agentId, sequence: { gt: common?.sequence ?? -1n } },
    select: { id: true },
    orderBy: { sequence: "asc" },
    take: SET_ASIDE_MAX,
  });
  const reason = "The other core's recovery points were kept after both had been written.";
  if (losing.length > 0)
    await setAsidePoints(ctx, {
      agentId: session.agentId,
      recoveryPointIds: losing.map(({ id }) => id),
      reason,
    });
  await withTransaction(ctx.db, async (tx) => {
    const now = await lockSession(tx, session.id);
    if (now.keepSide === null || now.keepSide === now.side) return;
    const newest = await newestPoint(tx, now.agentId);
    const after = await tx.replicationSession.update({
      where: { id: now.id },
      data: {
        divergence: jsonOrNull(null),
        divergedAt: null,
        keepSide: null,
        revision: now.revision + 1,
        newestPointId: newest?.id ?? null,
        newestPointAt: newest?.createdAt ?? null,
        failureCode: null,
        failureMessage: null,
      },
    });
    await tellDivergence(tx, ctx, after);
    await emitEvent(tx, "session", now.id);
  });
}
