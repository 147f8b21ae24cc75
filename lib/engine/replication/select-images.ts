import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { requireReplicatedAgent } from "@/lib/engine/image-sessions/find";
import {
  type ImagesOfAgentInput,
  POINTS_PER_ANSWER,
  type ReplicatedVolumeImage,
  type ReplicatedVolumeImages,
} from "./peer-schemas";

interface Row {
  id: string;
  volume_id: string;
  sequence: bigint;
  previous: bigint | null;
  created_at: Date;
  manifest_digest: Buffer;
}

/** Target: the images of an agent that belong to recovery points here, the newest first. Throws `not_found`. */
export async function selectReplicatedImages(
  ctx: EngineContext,
  input: ImagesOfAgentInput,
): Promise<ReplicatedVolumeImages> {
  const agent = await requireReplicatedAgent(ctx, input.agentId);
  return select(ctx, agent.id, input, false);
}

/** Target: the images of an agent whose recovery point is not here, the newest first. Throws `not_found`. */
export async function selectOrphanedImages(
  ctx: EngineContext,
  input: ImagesOfAgentInput,
): Promise<ReplicatedVolumeImages> {
  const agent = await requireReplicatedAgent(ctx, input.agentId);
  return select(ctx, agent.id, input, true);
}

async function select(
  ctx: EngineContext,
  agentId: string,
  { skipCount, maxCount }: ImagesOfAgentInput,
  isOrphaned: boolean,
): Promise<ReplicatedVolumeImages> {
  const take = Math.min(maxCount, POINTS_PER_ANSWER);
  const { rows } = await ctx.db.pool.query<Row>(isOrphaned ? ORPHANED : REPLICATED, [agentId, skipCount, take]);
  return { volumeImages: rows.map((row) => toImage(row, isOrphaned)) };
}

/** The page is cut first, so that the image before is looked up for its rows only, by the index of (agent, sequence). */
const PREVIOUS = `
  left join lateral (
    select p.sequence as previous from recovery_point p join volume_image i on i.recovery_point_id = p.id
    where p.agent_id = $1 and p.sequence < page.sequence and i.volume_id = page.volume_id
    order by p.sequence desc limit 1
  ) before on true
  order by page.sequence desc, page.id`;

const REPLICATED = `
  select page.*, before.previous from (
    select i.id, i.volume_id, p.sequence, p.created_at, i.manifest_digest
    from recovery_point p join volume_image i on i.recovery_point_id = p.id
    where p.agent_id = $1 order by p.sequence desc, i.id offset $2 limit $3
  ) page ${PREVIOUS}`;

const ORPHANED = `
  select page.*, before.previous from (
    select id, volume_id, sequence, created_at, manifest_digest from orphaned_image
    where agent_id = $1 order by sequence desc, id offset $2 limit $3
  ) page ${PREVIOUS}`;

function toImage(row: Row, isOrphaned: boolean): ReplicatedVolumeImage {
  const digest = Buffer.from(row.manifest_digest);
  const moment = row.created_at.toISOString();
  return {
    driverVolumeId: row.volume_id,
    epochNumber: Number(row.sequence),
    headerHash: digest.toString("hex"),
    id: row.id,
    isOrphaned,
    previousEpochNumber: Number(row.previous ?? row.sequence),
    rollupGranularityCell: { isAdHoc: false, lowerBound: moment, upperBound: moment },
    utcCreatedTimestamp: moment,
    volumeImageHash: digest.readInt32BE(0),
  };
}
