import "server-only";
import type { RecordContext } from "@/lib/engine/records/connection";
import type { Domain } from "@/lib/engine/repositories/open";
import { conflict, toTwincoreError } from "@/lib/errors";
import { manifestKey } from "./format";
import { openManifest } from "./open";

/** Removes the manifest of an image that was never committed. Throws `conflict` when a recovery point refers to it, or people may still want it. */
export async function discardManifest(ctx: RecordContext, domain: Domain, imageId: string): Promise<void> {
  await ctx.db.prisma.$transaction(async (tx) => {
    await tx.$executeRaw`select pg_advisory_xact_lock(hashtextextended(${imageId}, 0))`;
    if (await tx.volumeImage.findUnique({ where: { id: imageId }, select: { id: true } }))
      throw conflict("This image belongs to a recovery point; its manifest stays.");
    if (await tx.orphanedImage.findUnique({ where: { id: imageId }, select: { id: true } }))
      throw conflict("This image is listed as orphaned; its manifest stays until it is removed there.");
    await domain.storage.delete(manifestKey(domain.prefix, imageId));
  });
}

/** Removes the manifest of an image that storage lost, if any of it is damaged: the right one is written in its place. */
export async function discardDamaged(domain: Domain, imageId: string): Promise<void> {
  try {
    const manifest = await openManifest(domain, imageId);
    for (const { kind } of manifest.streams) for await (const _ of manifest.packedKeys(kind));
  } catch (error) {
    if (toTwincoreError(error).code !== "integrity") return;
    await domain.storage.delete(manifestKey(domain.prefix, imageId));
  }
}
