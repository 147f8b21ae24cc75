import "server-only";
import type { Database } from "@/lib/db/client";
import type { PlannedPoint } from "./plan";

/** A recovery point with what the planner and the wire need of it. */
export interface PointRow extends PlannedPoint {
  readonly agentId: string;
  readonly createdAt: Date;
  readonly logicalBytes: number;
  readonly images: readonly {
    id: string;
    volumeId: string;
    volumeName: string;
    sizeBytes: number;
    manifestDigest: string;
  }[];
}

export interface PointRange {
  readonly agentId: string;
  readonly fromSequence?: number;
  readonly toSequence?: number;
  readonly skip?: number;
  readonly take?: number;
  /** Without those that the source said it deleted. */
  readonly onlyOnSource?: boolean;
  /** Most images in all: the page ends before the point that would go beyond, but has one point at least. */
  readonly imagesMax?: number;
}

interface Row {
  id: string;
  agent_id: string;
  sequence: bigint;
  created_at: Date;
  logical_bytes: bigint;
  images: { id: string; volumeId: string; name: string; size: number; digest: string }[];
}

/** The agent's complete recovery points on this core, oldest first; what storage lost is none of them. 10,000 of them take some tens of milliseconds. */
export async function readPoints(db: Database, range: PointRange): Promise<PointRow[]> {
  const {
    agentId,
    fromSequence = 0,
    toSequence = Number.MAX_SAFE_INTEGER,
    skip = 0,
    take = null,
    onlyOnSource = false,
    imagesMax = null,
  } = range;
  const { rows } = await db.pool.query<Row>(
    `select p.id, p.agent_id, p.sequence, p.created_at, p.logical_bytes, i.images
     from (
       select q.*, sum(n) over (order by sequence) as images_so_far, row_number() over (order by sequence) as place from (
         select r.*, (select count(*) from volume_image where recovery_point_id = r.id and $6::int is not null) as n
         from recovery_point r
         where agent_id = $1 and sequence between $2 and $3 and missing_volumes = '{}' and lost_at is null
           and (deleted_on_source_at is null or not $7) order by sequence offset $4 limit $5
       ) q
     ) p
     cross join lateral (
       select coalesce(json_agg(json_build_object(
         'id', i.id, 'volumeId', volume_id, 'name', v.name, 'size', size_bytes, 'digest', encode(manifest_digest, 'hex')
       )), '[]'::json) as images
       from volume_image i join volume v on v.id = i.volume_id where recovery_point_id = p.id
     ) i
     where $6::int is null or images_so_far <= $6 or place = 1
     order by p.sequence`,
    [agentId, fromSequence, toSequence, skip, take, imagesMax, onlyOnSource],
  );
  return rows.map((row) => ({
    id: row.id,
    agentId: row.agent_id,
    sequence: Number(row.sequence),
    createdAt: row.created_at,
    logicalBytes: Number(row.logical_bytes),
    images: row.images.map(({ id, volumeId, name, size, digest }) => ({
      id,
      volumeId,
      volumeName: name,
      sizeBytes: size,
      manifestDigest: digest,
    })),
  }));
}

export async function countPoints(
  db: Database,
  { agentId, fromSequence = 0, onlyOnSource = false }: PointRange,
): Promise<number> {
  const { rows } = await db.pool.query<{ count: bigint }>(
    `select count(*) from recovery_point where agent_id = $1 and sequence >= $2 and missing_volumes = '{}' and lost_at is null
       and (deleted_on_source_at is null or not $3)`,
    [agentId, fromSequence, onlyOnSource],
  );
  return Number(rows[0]?.count ?? 0);
}
