import "server-only";
import type { Tx } from "@/lib/db/client";
import { conflict, notFound } from "@/lib/errors";
import type { Agent, Volume } from "@/prisma/generated/client";

/** The agent, held until the end of the transaction. Throws `not_found`, `conflict` ("wrong-side", "wrong-state") when its volumes are not this core's to change. */
export async function lockLedAgent(tx: Tx, id: string): Promise<Agent> {
  await tx.$queryRaw`select 1 from agent where id = ${id}::uuid for update`;
  const agent = await tx.agent.findUnique({ where: { id }, include: { leadPairing: true } });
  if (!agent) throw notFound("agent");
  if (agent.leadPairing)
    throw conflict(`${agent.leadPairing.peerName} is current for "${agent.name}". Do this there.`, "wrong-side");
  if (agent.deletionAskedAt) throw conflict(`"${agent.name}" is being deleted.`, "wrong-state");
  return agent;
}

/** Throws `conflict` ("exists"). */
export async function assertVolumeNameIsFree(tx: Tx, agent: { id: string; name: string }, name: string): Promise<void> {
  if ((await tx.volume.count({ where: { agentId: agent.id, name } })) > 0)
    throw conflict(`${agent.name} has a volume named "${name}" already. Choose another name.`, "exists");
}

/** Throws `not_found`, also for one that is here for its images alone. */
export async function requireVolume(tx: Tx, id: string): Promise<Volume> {
  const volume = await tx.volume.findUnique({ where: { id } });
  if (!volume || volume.removedAt) throw notFound("volume");
  return volume;
}

/** Throws `conflict` ("wrong-state") while a capture reads the agent's volumes. */
export async function assertNotCaptured(tx: Tx, agent: { id: string; name: string }): Promise<void> {
  const where = { agentId: agent.id, kind: "capture" as const, state: { in: ["queued" as const, "running" as const] } };
  if ((await tx.task.count({ where })) > 0)
    throw conflict(`"${agent.name}" is being captured just now. Try again when that is done.`, "wrong-state");
}
