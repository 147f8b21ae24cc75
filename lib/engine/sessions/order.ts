import "server-only";
import type { Tx } from "@/lib/db/client";
import { withTransaction } from "@/lib/db/transaction";
import { writeAudit } from "@/lib/engine/audit";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";
import type { Pairing, Prisma, ReplicationSession } from "@/prisma/generated/client";
import { getSessionSummary } from "./get";
import { factsOf, lockSession } from "./lock";
import { takeNextStep } from "./next-step";
import { assertOperation, type OperationOptions } from "./operations";
import { hasWorkHere } from "./pending";
import type { SessionOperation, SessionSummary } from "./schemas";

export type LockedSession = ReplicationSession & { pairing: Pairing };

export interface Order {
  readonly id: string;
  /** What the table must allow; null: the change itself looks. */
  readonly operation: SessionOperation | null;
  readonly options?: OperationOptions;
  /** In the audit trail. */
  readonly action: string;
  readonly detail?: Prisma.InputJsonObject;
  /** Columns to write; null: there is nothing to change. */
  readonly change: (tx: Tx, session: LockedSession) => Promise<Prisma.ReplicationSessionUncheckedUpdateInput | null>;
}

/**
 * One order of a person: under the session's lock, checked by the table, with its audit line and event; then this core's worker is
 * told, and the other core hears of it. Throws `not_found`, and `conflict` with a detail that says why it is refused.
 */
export async function give(ctx: EngineContext, order: Order): Promise<SessionSummary> {
  const { id } = order;
  const after = await withTransaction(ctx.db, async (tx) => {
    const session = await lockSession(tx, id);
    if (order.operation) assertOperation(factsOf(session, ctx.now()), order.operation, order.options);
    const data = await order.change(tx, session);
    if (data) await tx.replicationSession.update({ where: { id }, data });
    await writeAudit(tx, ctx, order.action, id, order.detail);
    await emitEvent(tx, "session", id);
    return takeNextStep(tx, ctx, await tx.replicationSession.findUniqueOrThrow({ where: { id } }));
  });
  await follow(ctx, after);
  return getSessionSummary(ctx, { id });
}

/** What comes after an order, or a step of one. A job that is lost here is found by the sweep. */
export async function follow(ctx: EngineContext, session: ReplicationSession): Promise<void> {
  const { id: sessionId, side, nextRunAt, revision, heardRevision } = session;
  if (hasWorkHere(session)) await ctx.enqueue("advance-session", { sessionId }, { key: sessionId });
  if (side !== "source") return;
  if (revision > heardRevision) await ctx.enqueue("tell-session", { sessionId }, { key: sessionId });
  if (nextRunAt !== null) await ctx.enqueue("run-replication", { sessionId }, { key: sessionId });
}
