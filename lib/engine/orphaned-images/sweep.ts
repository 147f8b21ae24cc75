import "server-only";
import { withTransaction } from "@/lib/db/transaction";
import { writeAudit } from "@/lib/engine/audit";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";
import { withPointLock } from "@/lib/engine/image-sessions/lock";
import { Declared } from "@/lib/engine/image-sessions/schemas";
import { manifestKey } from "@/lib/engine/manifests/format";
import type { CommitImageInput } from "@/lib/engine/recovery-points/commit";
import { assertComplete } from "@/lib/engine/recovery-points/complete";
import { type Domain, ensureDomain } from "@/lib/engine/repositories/open";
import { isRetryable, toTwincoreError } from "@/lib/errors";
import type { ImageSession } from "@/prisma/generated/client";

/** Every record of an image is looked up: a hundred million take a quarter of an hour, most images a moment. */
const IMAGES_PER_SWEEP = 20;
/** A source that is paused comes back to its images; after a day without a word they count as left behind. */
const IDLE_HOURS = 24;

/**
 * Lists images that were committed and whose recovery point is not there: their run is over, its source is silent, or nothing was
 * heard for a day. Only images whose manifest is durable and whose every record is there are listed. Part of the sweep.
 */
export async function sweepOrphanedImages(ctx: EngineContext): Promise<void> {
  const idleSince = new Date(ctx.now().getTime() - IDLE_HOURS * 3_600_000);
  const { rows } = await ctx.db.pool.query<{ id: string }>(LEFT_BEHIND, [idleSince, IMAGES_PER_SWEEP]);
  for (const { id } of rows) await examine(ctx, id);
}

const LEFT_BEHIND = `
  select s.id from image_session s
  where s.state = 'committed'
    and not exists (select 1 from volume_image where id = s.volume_image_id)
    and not exists (select 1 from orphaned_image where id = s.volume_image_id)
    and not exists (
      select 1 from image_session o join remote_job j on j.id = o.job_id
      where o.agent_id = s.agent_id and o.recovery_point_id = s.recovery_point_id
        and j.ended_at is null and j.silent_since is null and o.updated_at >= $1
    )
  order by s.updated_at limit $2`;

async function examine(ctx: EngineContext, imageSessionId: string): Promise<void> {
  const row = await ctx.db.prisma.imageSession.findUnique({ where: { id: imageSessionId } });
  if (!row) return;
  const agent = await ctx.db.prisma.agent.findUnique({ where: { id: row.agentId } });
  const declared = Declared.safeParse(row.declared).data;
  const image = declared?.point.images.find(({ id }) => id === row.volumeImageId);
  if (!agent || !declared || !image) return giveUp(ctx, row, "What was declared of it cannot be read.");
  const domain = await ensureDomain(ctx, agent);
  const { volumeDisplayName: volumeName, size: sizeBytes, headerHash, ...rest } = image;
  const complete = { ...rest, volumeName, sizeBytes, manifestDigest: Buffer.from(headerHash, "hex") };
  // Another process that is at this point decides what becomes of it.
  await withPointLock(ctx.db, row.recoveryPointId, async () => {
    try {
      await assertComplete(ctx, domain, complete);
    } catch (thrown) {
      const error = toTwincoreError(thrown);
      if (isRetryable(error)) throw error;
      return giveUp(ctx, row, error.message);
    }
    await insert(ctx, domain, row, declared, complete);
  });
}

/** The image is not whole: a later run sends what is missing. */
async function giveUp(ctx: EngineContext, row: ImageSession, message: string): Promise<void> {
  await ctx.db.prisma.imageSession.updateMany({
    where: { id: row.id, state: "committed" },
    data: { state: "failed", failureCode: "integrity", failureMessage: message },
  });
}

async function insert(
  ctx: EngineContext,
  domain: Domain,
  row: ImageSession,
  declared: Declared,
  image: CommitImageInput,
): Promise<void> {
  const { agentId, pairingId, recoveryPointId } = row;
  await withTransaction(ctx.db, async (tx) => {
    // The same lock as discardManifest: the manifest is not removed between this look and the row.
    await tx.$executeRaw`select pg_advisory_xact_lock(hashtextextended(${image.id}, 0))`;
    if ((await domain.storage.size(manifestKey(domain.prefix, image.id))) === null) return;
    if ((await tx.volumeImage.count({ where: { id: image.id } })) > 0) return;
    const came = await tx.imageSession.findMany({
      where: { agentId, recoveryPointId, state: "committed" },
      select: { volumeImageId: true },
      distinct: ["volumeImageId"],
    });
    const ids = new Set(came.map(({ volumeImageId }) => volumeImageId));
    // All came once, so there was a point, and it was deleted.
    const reason = declared.point.images.every(({ id }) => ids.has(id)) ? "point-gone" : "point-incomplete";
    const { count } = await tx.orphanedImage.createMany({
      data: [
        {
          id: image.id,
          agentId,
          pairingId,
          repositoryId: domain.repositoryId,
          recoveryPointId,
          volumeId: image.volumeId,
          volumeName: image.volumeName,
          kind: image.volumeKind,
          sequence: BigInt(declared.epochNumber),
          createdAt: new Date(declared.utcCreatedTimestamp),
          sizeBytes: BigInt(image.sizeBytes),
          recordCount: image.recordCount,
          entryCount: image.entryCount,
          manifestDigest: new Uint8Array(image.manifestDigest),
          pointVolumes: declared.point.images.map(({ volumeDisplayName }) => volumeDisplayName),
          reason,
          foundAt: ctx.now(),
        },
      ],
      skipDuplicates: true,
    });
    if (count === 0) return;
    await writeAudit(tx, ctx, "orphaned-image.found", image.id, { agentId, recoveryPointId, reason });
    await emitEvent(tx, "agent", agentId);
  });
}
