import "server-only";
import { withTransaction } from "@/lib/db/transaction";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";
import { conflict } from "@/lib/errors";
import type { DriveManifest } from "./manifest";

/**
 * Makes the volumes of the drive's agents known here, as a metadata update would; answers which of its agents the pairing
 * replicates to this core; one that failed over to here takes no more. Names that are taken get the end of the volume's id; the next replication sets them right.
 */
export async function takeVolumes(
  ctx: EngineContext,
  manifest: DriveManifest,
  pairingId: string,
): Promise<Set<string>> {
  const ids = manifest.agents.map(({ id }) => id);
  return withTransaction(ctx.db, async (tx) => {
    const agents = await tx.agent.findMany({
      where: { id: { in: ids }, pairingId, leadPairingId: { not: null } },
      include: { volumes: true },
    });
    const wanted = manifest.agents.flatMap((agent) =>
      agent.volumes.map((volume) => ({ ...volume, agentId: agent.id })),
    );
    const known = await tx.volume.findMany({ where: { id: { in: wanted.map(({ id }) => id) } } });
    const agentOf = new Map(known.map(({ id, agentId }) => [id, agentId]));
    if (wanted.some(({ id, agentId }) => agentOf.has(id) && agentOf.get(id) !== agentId))
      throw conflict("The seed drive names volumes that belong to other agents here. Nothing was taken over.");
    const here = new Map(agents.map(({ id, volumes }) => [id, new Set(volumes.map(({ name }) => name))]));
    const missing = wanted.filter(({ id, agentId }) => here.has(agentId) && !agentOf.has(id));
    const data = missing.map(({ id, agentId, name, kind }) => {
      const names = here.get(agentId);
      const free = names?.has(name) ? `${name} (${id.slice(-8)})` : name;
      names?.add(free);
      return { id, agentId, name: free, kind };
    });
    await tx.volume.createMany({ data, skipDuplicates: true });
    for (const agentId of new Set(missing.map((volume) => volume.agentId))) await emitEvent(tx, "agent", agentId);
    return new Set(here.keys());
  });
}
