import "server-only";
import { writeAudit } from "@/lib/engine/audit";
import type { EngineContext } from "@/lib/engine/context";
import { getRecoveryPoint } from "@/lib/engine/recovery-points";
import { type CommitImageInput, commitInto } from "@/lib/engine/recovery-points/commit";
import type { RecoveryPointDetail } from "@/lib/engine/recovery-points/schemas";
import { ensureDomain } from "@/lib/engine/repositories/open";
import { notFound } from "@/lib/errors";
import type { OrphanedImage, Prisma } from "@/prisma/generated/client";
import { whileAtRest } from "./at-rest";

/** Images of one recovery point: as many as an agent may have volumes. */
const IMAGES_MAX = 1_000;

/**
 * Makes a recovery point of the orphaned images of one point, under that point's own id: restorable at once, and marked with the
 * volumes that are missing. The source is told nothing of it, so that a later run brings the rest and completes it. Every record is
 * checked as for any other point. Again gives the same point. Throws `not_found`, `integrity` when something is missing
 * after all, `conflict` while the source sends that point.
 */
export async function adoptOrphanedImages(ctx: EngineContext, { id }: { id: string }): Promise<RecoveryPointDetail> {
  const orphan = await ctx.db.prisma.orphanedImage.findUnique({ where: { id } });
  if (!orphan) {
    const adopted = await ctx.db.prisma.volumeImage.findUnique({ where: { id }, select: { recoveryPointId: true } });
    if (!adopted) throw notFound("orphaned image");
    return getRecoveryPoint(ctx, { id: adopted.recoveryPointId });
  }
  const { recoveryPointId, agentId } = orphan;
  await whileAtRest(ctx, recoveryPointId, () => adopt(ctx, recoveryPointId, agentId));
  return getRecoveryPoint(ctx, { id: recoveryPointId });
}

async function adopt(ctx: EngineContext, recoveryPointId: string, agentId: string): Promise<void> {
  const { prisma } = ctx.db;
  const orphans = await prisma.orphanedImage.findMany({
    where: { recoveryPointId, agentId },
    orderBy: { id: "asc" },
    take: IMAGES_MAX,
  });
  const [first] = orphans;
  // Somebody else came first.
  if (!first) return;
  const { tenantId } = await prisma.agent.findUniqueOrThrow({ where: { id: agentId }, select: { tenantId: true } });
  const domain = await ensureDomain(ctx, { repositoryId: first.repositoryId, tenantId });
  const present = await prisma.volumeImage.findMany({ where: { recoveryPointId }, include: { volume: true } });
  const images = [...present.map(toPresent), ...orphans.map(toImage)];
  const names = new Set(images.map(({ volumeName }) => volumeName));
  const missingVolumes = first.pointVolumes.filter((name) => !names.has(name));
  await commitInto(ctx, domain, {
    id: recoveryPointId,
    agentId,
    repositoryId: first.repositoryId,
    tenantId,
    sequence: first.sequence,
    createdAt: first.createdAt,
    images,
    logicalBytes: images.reduce((sum, { sizeBytes }) => sum + BigInt(sizeBytes), 0n),
    storedBytes: 0,
    skippedCount: 0,
    skipped: [],
    missingVolumes,
    alongside: (tx) =>
      writeAudit(tx, ctx, "orphaned-image.adopt", recoveryPointId, { agentId, images: orphans.length, missingVolumes }),
  });
}

const toImage = (orphan: OrphanedImage): CommitImageInput => ({
  id: orphan.id,
  volumeId: orphan.volumeId,
  volumeName: orphan.volumeName,
  volumeKind: orphan.kind,
  sizeBytes: orphan.sizeBytes,
  entryCount: orphan.entryCount,
  recordCount: orphan.recordCount,
  manifestDigest: Buffer.from(orphan.manifestDigest),
});

const toPresent = (image: Prisma.VolumeImageGetPayload<{ include: { volume: true } }>): CommitImageInput => ({
  id: image.id,
  volumeId: image.volumeId,
  volumeName: image.volume.name,
  volumeKind: image.kind,
  sizeBytes: image.sizeBytes,
  entryCount: image.entryCount,
  recordCount: image.recordCount,
  manifestDigest: Buffer.from(image.manifestDigest),
});
