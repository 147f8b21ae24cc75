import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { invalidInput, notFound } from "@/lib/errors";
import type { ListOrphanedImagesInput, OrphanedImage } from "./schemas";

interface Row {
  id: string;
  agent_id: string;
  recovery_point_id: string;
  volume_id: string;
  volume_name: string;
  kind: OrphanedImage["kind"];
  sequence: bigint;
  created_at: Date;
  size_bytes: bigint;
  reason: string;
  missing: string[];
  found_at: Date;
}

/** A page of the orphaned images of an agent, newest first. The cursor is sequence and id of the last one. Throws `not_found`. */
export async function listOrphanedImages(ctx: EngineContext, { agentId, cursor, limit }: ListOrphanedImagesInput) {
  const { prisma, pool } = ctx.db;
  const [sequence, id] = readCursor(cursor);
  const [agent, total, { rows }] = await Promise.all([
    prisma.agent.findUnique({ where: { id: agentId }, select: { id: true } }),
    prisma.orphanedImage.count({ where: { agentId } }),
    pool.query<Row>(PAGE, [agentId, sequence, id, limit + 1]),
  ]);
  if (!agent) throw notFound("agent");
  const items = rows.slice(0, limit).map(toOrphanedImage);
  const last = items.at(-1);
  return { items, nextCursor: rows.length > limit && last ? `${last.sequence} ${last.id}` : null, total };
}

const PAGE = `
  select o.*, array(
    select name from unnest(o.point_volumes) name
    where name <> all (select volume_name from orphaned_image where recovery_point_id = o.recovery_point_id and agent_id = $1)
      and name <> all (
        select v.name from volume_image i join volume v on v.id = i.volume_id where i.recovery_point_id = o.recovery_point_id
      )
    order by name
  ) as missing
  from orphaned_image o where agent_id = $1 and ($2::bigint is null or (sequence, id) < ($2, $3::uuid))
  order by sequence desc, id desc limit $4`;

function readCursor(cursor: string | undefined): [string | null, string | null] {
  if (cursor === undefined) return [null, null];
  const [, sequence, id] = /^(\d{1,18}) ([0-9a-f-]{36})$/.exec(cursor) ?? [];
  if (!sequence || !id) throw invalidInput("This cursor is none of ours.");
  return [sequence, id];
}

const toOrphanedImage = (row: Row): OrphanedImage => ({
  id: row.id,
  agentId: row.agent_id,
  recoveryPointId: row.recovery_point_id,
  volumeId: row.volume_id,
  volumeName: row.volume_name,
  kind: row.kind,
  sequence: Number(row.sequence),
  createdAt: row.created_at.toISOString(),
  sizeBytes: Number(row.size_bytes),
  reason: row.reason === "point-gone" ? "point-gone" : "point-incomplete",
  missingVolumes: row.missing,
  foundAt: row.found_at.toISOString(),
});
