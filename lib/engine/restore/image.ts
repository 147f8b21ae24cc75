import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { type Domain, ensureDomain } from "@/lib/engine/repositories/open";
import { integrity, notFound } from "@/lib/errors";

/** A volume image with what is needed to read it. */
export interface StoredImage {
  id: string;
  kind: "folder" | "image" | "stream";
  sizeBytes: number;
  volumeName: string;
  agent: { id: string; name: string };
  point: { id: string; createdAt: Date };
  domain: Domain;
}

/** Throws `not_found` when the recovery point has no such image, `integrity` when storage lost what it needs. */
export async function findImage(
  ctx: EngineContext,
  { recoveryPointId, imageId }: { recoveryPointId: string; imageId: string },
): Promise<StoredImage> {
  const image = await ctx.db.prisma.volumeImage.findFirst({
    where: { id: imageId, recoveryPointId },
    include: { volume: true, recoveryPoint: { include: { agent: true } } },
  });
  if (!image) throw notFound("volume image");
  const { agent, repositoryId, id, createdAt, lostAt, lostReason } = image.recoveryPoint;
  if (lostAt)
    throw integrity(
      `This recovery point is damaged. ${lostReason ?? ""} Bring the files of the repository back and sync it, or choose another recovery point.`,
    );
  return {
    id: image.id,
    kind: image.kind,
    sizeBytes: Number(image.sizeBytes),
    volumeName: image.volume.name,
    agent: { id: agent.id, name: agent.name },
    point: { id, createdAt },
    domain: await ensureDomain(ctx, { repositoryId, tenantId: agent.tenantId }),
  };
}
