import "server-only";
import type { Tx } from "@/lib/db/client";
import { withTransaction } from "@/lib/db/transaction";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";
import { requireReplicatedAgent } from "@/lib/engine/image-sessions/find";
import { notFound } from "@/lib/errors";
import type { PeerJob, StartMetadataUpdateRequest } from "./peer-schemas";

/** Target: takes over name, host and volumes of an agent. It is done when this resolves. Volumes are never removed: points refer to them. */
export async function updateAgentMetadata(ctx: EngineContext, input: StartMetadataUpdateRequest): Promise<void> {
  const agent = await requireReplicatedAgent(ctx, input.agentId);
  await withTransaction(ctx.db, async (tx) => {
    const known = await tx.volume.findMany({ where: { agentId: agent.id } });
    const unchanged =
      agent.name === input.displayName &&
      agent.hostName === input.hostName &&
      input.volumes.every((volume) => known.some(({ id, name }) => id === volume.id && name === volume.displayName));
    if (unchanged) return;
    await tx.agent.update({ where: { id: agent.id }, data: { name: input.displayName, hostName: input.hostName } });
    await takeVolumes(tx, agent.id, known, input.volumes);
    await emitEvent(tx, "agent", agent.id);
  });
}

/** Target: the progress of what updateAgentMetadata did at once. */
export async function getMetadataUpdateProgress(ctx: EngineContext, input: { agentId: string }): Promise<PeerJob> {
  const agent = await requireReplicatedAgent(ctx, input.agentId);
  return {
    id: agent.id,
    summary: `Metadata of ${agent.name}`,
    status: "Succeeded",
    failureReason: null,
    progress: null,
  };
}

type Volumes = StartMetadataUpdateRequest["volumes"];

/** Names may have moved from one volume to another, and are unique: first everybody lets go of the wrong ones. */
async function takeVolumes(
  tx: Tx,
  agentId: string,
  known: { id: string; name: string }[],
  wanted: Volumes,
): Promise<void> {
  const nameOf = new Map(wanted.map((volume) => [volume.id, volume.displayName]));
  const taken = new Set(nameOf.values());
  for (const { id, name } of known)
    if (taken.has(name) && nameOf.get(id) !== name)
      await tx.volume.update({ where: { id }, data: { name: `${name} (${id.slice(-8)})` } });
  for (const { id, displayName, volumeKind } of wanted) {
    const present = await tx.volume.findUnique({ where: { id } });
    if (present && present.agentId !== agentId) throw notFound("volume");
    if (!present) await tx.volume.create({ data: { id, agentId, name: displayName, kind: volumeKind } });
    else if (present.name !== displayName) await tx.volume.update({ where: { id }, data: { name: displayName } });
  }
}
