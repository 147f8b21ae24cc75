import "server-only";
import type { Tx } from "@/lib/db/client";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";
import type { ReplicationSession } from "@/prisma/generated/client";

type Led = Pick<ReplicationSession, "id" | "agentId" | "pairingId">;

/** From the end of this transaction on, this core takes no captures of the agent. An agent that another pairing leads stays with it. */
export async function giveUpLead(tx: Tx, { agentId, pairingId }: Led): Promise<void> {
  await tx.agent.updateMany({
    where: { id: agentId, OR: [{ leadPairingId: null }, { leadPairingId: pairingId }] },
    data: { leadPairingId: pairingId },
  });
  await emitEvent(tx, "agent", agentId);
}

/** This core is current for the agent from now on. */
export async function takeLead(tx: Tx, { agentId, pairingId }: Led): Promise<void> {
  await tx.agent.updateMany({ where: { id: agentId, leadPairingId: pairingId }, data: { leadPairingId: null } });
  await emitEvent(tx, "agent", agentId);
}

/** The newest complete point of an agent on this core. */
export function newestPoint(tx: Tx, agentId: string) {
  return tx.recoveryPoint.findFirst({
    where: { agentId, missingVolumes: { isEmpty: true }, lostAt: null },
    orderBy: { sequence: "desc" },
    select: { id: true, sequence: true, createdAt: true },
  });
}

/**
 * Planned failover, on the core that is current: when the other one has every point up to `syncedPointId`, and that is the newest
 * and no capture is under way, this core stops to be current, durably, before the other one begins to be. false: not yet.
 */
export async function giveUpWhenSynced(
  tx: Tx,
  ctx: EngineContext,
  session: ReplicationSession,
  syncedPointId: string | null,
): Promise<boolean> {
  // Commits of captures hold this row: what is looked at below is all there will be.
  await tx.$executeRaw`select 1 from agent where id = ${session.agentId}::uuid for no key update`;
  const newest = await newestPoint(tx, session.agentId);
  const captures = await tx.task.count({
    where: { agentId: session.agentId, kind: "capture", state: { in: ["queued", "running"] } },
  });
  if (captures > 0 || (newest?.id ?? null) !== syncedPointId) return false;
  await giveUpLead(tx, session);
  await tx.replicationSession.update({
    where: { id: session.id },
    data: {
      role: "destination",
      state: "failed_over",
      epoch: session.epoch + 1,
      revision: session.revision + 1,
      failoverKind: "planned",
      failedOverAt: ctx.now(),
      commonPointId: newest?.id ?? null,
      newestPointId: newest?.id ?? null,
      newestPointAt: newest?.createdAt ?? null,
      nextRunAt: null,
    },
  });
  await emitEvent(tx, "session", session.id);
  return true;
}
