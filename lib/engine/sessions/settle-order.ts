import "server-only";
import type { Tx } from "@/lib/db/client";
import type { EngineContext } from "@/lib/engine/context";
import type { Outcome } from "@/lib/engine/replication/settle";
import type { Prisma, ReplicationSession } from "@/prisma/generated/client";
import { giveUpWhenSynced, newestPoint } from "./leadership";
import { jsonOrNull } from "./views";

/** Captures that are still under way are looked for again after so long. */
const AGAIN_MS = 1_000;

type Written = Pick<
  Prisma.ReplicationSessionUncheckedUpdateInput,
  "failureCode" | "failureMessage" | "consecutiveFailures" | "lastSuccessAt" | "nextRunAt" | "state"
>;

/** What the end of a run means to the order that it served: a planned failover, or the first copy in the new direction. */
export async function settleOrder(
  tx: Tx,
  ctx: EngineContext,
  session: ReplicationSession,
  { state, ...written }: Written,
  outcome: Outcome,
): Promise<void> {
  const write = (data: Prisma.ReplicationSessionUncheckedUpdateInput) =>
    tx.replicationSession.update({ where: { id: session.id }, data: { ...written, ...data } });
  const revision = session.revision + 1;
  if (outcome.kind === "succeeded") {
    if (session.state === "reprotecting") return void (await write({ state, revision, nextRunAt: null }));
    return endLastSync(tx, ctx, session, write);
  }
  const failed = outcome.kind === "waiting" || outcome.kind === "failed" || outcome.kind === "cancelled";
  if (!failed) return void (await write({ nextRunAt: ctx.now() }));
  if (session.state === "failing_over")
    // Who is current has not changed. People decide anew.
    return void (await write({ state: "system_paused", steps: [], revision }));
  return void (await write(outcome.kind === "cancelled" ? { state: "failed_over", steps: [], revision } : {}));
}

type Write = (data: Prisma.ReplicationSessionUncheckedUpdateInput) => Promise<ReplicationSession>;

/** Everything is on both sides, unless something was captured meanwhile. */
async function endLastSync(tx: Tx, ctx: EngineContext, session: ReplicationSession, write: Write): Promise<void> {
  const after = await write({ nextRunAt: new Date(ctx.now().getTime() + AGAIN_MS) });
  if (session.role === "source") {
    await giveUpWhenSynced(tx, ctx, after, after.newestPointId);
    return;
  }
  // The other core is current: it looks whether this is its newest point, and gives up then.
  const newest = await newestPoint(tx, session.agentId);
  await write({ pendingOrder: newest ? { order: "synced", pointId: newest.id } : jsonOrNull(null), nextRunAt: null });
}

/** Pulled: the other core has to be told how far the last sync came. */
export const isSynced = ({ state, role, pendingOrder }: ReplicationSession): boolean =>
  state === "failing_over" && role === "destination" && pendingOrder !== null;
