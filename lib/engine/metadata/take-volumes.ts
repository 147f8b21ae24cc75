import "server-only";
import type { Tx } from "@/lib/db/client";
import { leaveHistory } from "@/lib/engine/managed-volumes/history";
import { notFound } from "@/lib/errors";
import type { KeptRequest } from "./items";

/**
 * Names may have moved from one volume to another, and are unique: first everybody lets go of the wrong ones. Volumes are never
 * removed: points refer to them. One that the source gave to another of its agents moves here as well, and leaves its images where
 * they are. Throws `not_found` for a volume of somebody else.
 */
export async function takeVolumes(
  tx: Tx,
  agentId: string,
  volumes: NonNullable<KeptRequest["volumes"]>,
): Promise<void> {
  const ids = volumes.map(({ id }) => id);
  const names = volumes.map(({ displayName }) => displayName);
  await leaveOthers(tx, agentId, ids);
  await tx.$executeRaw`
    update volume v set name = v.name || ' (' || right(v.id::text, 8) || ')'
    from unnest(${ids}::uuid[], ${names}::text[]) as wanted (id, name)
    where v.agent_id = ${agentId}::uuid and v.name = wanted.name and v.id <> wanted.id`;
  await tx.$executeRaw`
    insert into volume (id, agent_id, name, kind, managed_bytes, description)
    select id, ${agentId}::uuid, name, kind::volume_kind, managed_bytes, coalesce(description, '')
    from unnest(
      ${ids}::uuid[], ${names}::text[], ${volumes.map(({ volumeKind }) => volumeKind)}::text[],
      ${volumes.map(({ managedBytes }) => (managedBytes === undefined ? null : BigInt(managedBytes)))}::bigint[],
      ${volumes.map(({ description }) => description ?? null)}::text[]
    ) as wanted (id, name, kind, managed_bytes, description)
    on conflict (id) do update set name = excluded.name, agent_id = excluded.agent_id,
      managed_bytes = coalesce(excluded.managed_bytes, volume.managed_bytes),
      description = case when excluded.description = '' then volume.description else excluded.description end
    where (volume.name, volume.agent_id, volume.managed_bytes, volume.description)
      is distinct from (excluded.name, excluded.agent_id, excluded.managed_bytes, excluded.description)`;
}

/** Volumes that belong to other agents of the same source. */
async function leaveOthers(tx: Tx, agentId: string, ids: string[]): Promise<void> {
  const elsewhere = await tx.volume.findMany({
    where: { id: { in: ids }, agentId: { not: agentId } },
    include: { agent: { select: { pairingId: true, leadPairingId: true } } },
  });
  if (elsewhere.length === 0) return;
  const own = await tx.agent.findUniqueOrThrow({ where: { id: agentId } });
  // Of one source; or, on a core that follows since a failover, of agents that the same core is current for.
  const isOfSame = ({ agent }: (typeof elsewhere)[number]) =>
    (own.pairingId !== null && agent.pairingId === own.pairingId) ||
    (own.leadPairingId !== null && agent.leadPairingId === own.leadPairingId);
  if (!elsewhere.every(isOfSame)) throw notFound("volume");
  for (const { agent: _, ...volume } of elsewhere) await leaveHistory(tx, volume, new Date());
}
