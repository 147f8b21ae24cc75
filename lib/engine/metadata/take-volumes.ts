import "server-only";
import type { Tx } from "@/lib/db/client";
import { notFound } from "@/lib/errors";
import type { KeptRequest } from "./items";

/**
 * Names may have moved from one volume to another, and are unique: first everybody lets go of the wrong ones. Volumes are never
 * removed: points refer to them. Throws `not_found` for a volume of another agent.
 */
export async function takeVolumes(
  tx: Tx,
  agentId: string,
  volumes: NonNullable<KeptRequest["volumes"]>,
): Promise<void> {
  const ids = volumes.map(({ id }) => id);
  const names = volumes.map(({ displayName }) => displayName);
  if ((await tx.volume.count({ where: { id: { in: ids }, agentId: { not: agentId } } })) > 0) throw notFound("volume");
  await tx.$executeRaw`
    update volume v set name = v.name || ' (' || right(v.id::text, 8) || ')'
    from unnest(${ids}::uuid[], ${names}::text[]) as wanted (id, name)
    where v.agent_id = ${agentId}::uuid and v.name = wanted.name and v.id <> wanted.id`;
  await tx.$executeRaw`
    insert into volume (id, agent_id, name, kind)
    select id, ${agentId}::uuid, name, kind::volume_kind
    from unnest(${ids}::uuid[], ${names}::text[], ${volumes.map(({ volumeKind }) => volumeKind)}::text[]) as wanted (id, name, kind)
    on conflict (id) do update set name = excluded.name where volume.name <> excluded.name`;
}
