import "server-only";
import type { Tx } from "@/lib/db/client";
import { withTransaction } from "@/lib/db/transaction";
import { writeAudit } from "@/lib/engine/audit";
import { actorName, type EngineContext } from "@/lib/engine/context";
import { emitEvent, emitEvents } from "@/lib/engine/events/emit";
import { peerOf } from "@/lib/engine/pairing/caller";
import { guard, type ProtectedWork } from "@/lib/engine/protection/guard";
import { conflict, notFound, TwincoreError } from "@/lib/errors";
import type { Agent } from "@/prisma/generated/client";
import { getAgent } from "./get";
import type { AgentDetail } from "./schemas";

const ACTIVE = ["queued", "running"] as const;

/**
 * Begins to delete an agent of this core, captured here or replicated to here, with all its recovery points; a job does it. From
 * now on nothing is captured, replicated or received for it. Again is no error. Throws not_found, and conflict while a point of
 * it is locked or a run, capture or restore of it goes on. Protected, unless it has no point.
 */
export async function deleteAgent(ctx: EngineContext, { id }: { id: string }): Promise<AgentDetail> {
  await guardAgentDeletion(ctx, { agentId: id, action: "agent.delete", input: { id } });
  return beginAgentDeletion(ctx, { id });
}

/** Stands before whatever deletes an agent of this core that has recovery points, under whatever name. Throws not_found, and what `guard` throws. */
export async function guardAgentDeletion(
  ctx: EngineContext,
  { agentId, action, input }: Pick<ProtectedWork, "action" | "input"> & { agentId: string },
): Promise<void> {
  const agent = await ctx.db.prisma.agent.findUnique({
    where: { id: agentId },
    select: { name: true, tenantId: true, deletionAskedAt: true, _count: { select: { recoveryPoints: true } } },
  });
  if (!agent) throw notFound("agent");
  const points = agent._count.recoveryPoints;
  if (points === 0 || agent.deletionAskedAt) return;
  const title = `Delete "${agent.name}" with ${points === 1 ? "its recovery point" : `all its ${points} recovery points`}.`;
  await guard(ctx, { action, subject: { kind: "agent", id: agentId }, title, input, tenantId: agent.tenantId });
}

/** The same for callers that have asked the guard themselves, and for what has no recovery points of anybody: test copies. */
export async function beginAgentDeletion(ctx: EngineContext, { id }: { id: string }): Promise<AgentDetail> {
  await withTransaction(ctx.db, async (tx) => {
    const agent = await lockAgent(tx, { id });
    if (!agent) throw notFound("agent");
    await markForDeletion(tx, ctx, agent, "Deleted on the other core, with its recovery points there.");
  });
  await ctx.enqueue("delete-agent", { agentId: id }, { key: id });
  return getAgent(ctx, { id });
}

/**
 * DeleteAgent, on the target: the same for an agent of the calling core, whose own copy is not touched. Again, and after it is
 * gone, is no error; an agent that was never the caller's is not_found, one that failed over to this core a conflict.
 */
export async function deleteAgentByPeer(ctx: EngineContext, { agentId }: { agentId: string }): Promise<void> {
  const { pairingId } = peerOf(ctx);
  const found = await withTransaction(ctx.db, async (tx) => {
    const agent = await lockAgent(tx, { id: agentId, pairingId });
    if (agent && agent.leadPairingId === null)
      throw new TwincoreError("conflict", `${agent.name} has failed over to this core. It is deleted by people here.`, {
        detail: "failed-over",
      });
    if (agent) await markForDeletion(tx, ctx, agent, "Deleted over there at this core's own request.");
    return agent !== null;
  });
  if (found) return ctx.enqueue("delete-agent", { agentId }, { key: agentId });
  const wish = await ctx.db.prisma.pairingAgent.findUnique({ where: { pairingId_agentId: { pairingId, agentId } } });
  if (!wish || wish.state === "pending") throw notFound("agent");
}

/** The row, held until the end of the transaction: points, sessions and tasks that would refer to it have to wait. */
async function lockAgent(tx: Tx, where: { id: string; pairingId?: string }): Promise<Agent | null> {
  await tx.$queryRaw`select 1 from agent where id = ${where.id}::uuid for update`;
  return tx.agent.findFirst({ where });
}

async function markForDeletion(tx: Tx, ctx: EngineContext, agent: Agent, told: string): Promise<void> {
  if (agent.deletionAskedAt) return;
  const { id } = agent;
  const points = await tx.recoveryPoint.count({ where: { agentId: id } });
  await assertIdle(tx, agent);
  await tx.agent.update({ where: { id }, data: { deletionAskedAt: ctx.now() } });
  await tx.imageSession.deleteMany({ where: { agentId: id } });
  const sessions = await tx.replicationSession.updateManyAndReturn({
    where: { agentId: id },
    data: { state: "ended", nextRunAt: null },
    select: { id: true },
  });
  const decided = { decidedAt: ctx.now(), decidedBy: actorName(ctx.actor) };
  // The source is told with its next word; what was taken in may be asked for again.
  if (agent.pairingId)
    await tx.pairingAgent.updateMany({
      where: { pairingId: agent.pairingId, agentId: id },
      data: { state: "denied", message: told, ...decided },
    });
  else await tx.pairingAgent.deleteMany({ where: { agentId: id, pairing: { side: "source" } } });
  const { tenantId, repositoryId } = agent;
  await writeAudit(tx, ctx, "agent.delete", id, { name: agent.name, tenantId, repositoryId, recoveryPoints: points });
  await emitEvent(tx, "agent", id);
  if (agent.pairingId) await emitEvent(tx, "pairing", agent.pairingId);
  await emitEvents(
    tx,
    "session",
    sessions.map((session) => session.id),
  );
}

/** Throws conflict that says what has to end, or to be unlocked, first. */
async function assertIdle(tx: Tx, { id, name }: Agent): Promise<void> {
  const locked = await tx.recoveryPoint.count({ where: { agentId: id, locked: true } });
  if (locked > 0)
    throw conflict(
      `${locked === 1 ? "1 recovery point" : `${locked} recovery points`} of "${name}" ${locked === 1 ? "is" : "are"} locked. Unlock ${locked === 1 ? "it" : "them"} first, if ${locked === 1 ? "it" : "they"} may go.`,
    );
  if ((await tx.run.count({ where: { session: { agentId: id }, state: { in: [...ACTIVE] } } })) > 0)
    throw conflict(`"${name}" is being replicated just now. Wait for the end of the run, or cancel it, and try again.`);
  if ((await tx.task.count({ where: { agentId: id, state: { in: [...ACTIVE] } } })) > 0)
    throw conflict(`A capture or restore of "${name}" goes on. Wait for its end, or cancel it, and try again.`);
  // Held, so that none of them begins to commit before it is gone.
  await tx.$queryRaw`select 1 from image_session where agent_id = ${id}::uuid order by id for update`;
  if ((await tx.imageSession.count({ where: { agentId: id, state: "committing" } })) > 0)
    throw conflict(`An image of "${name}" is being committed just now. Try again in a moment.`);
}
