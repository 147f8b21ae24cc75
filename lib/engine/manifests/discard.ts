import "server-only";
import type { RecordContext } from "@/lib/engine/records/connection";
import type { Domain } from "@/lib/engine/repositories/open";
import { conflict } from "@/lib/errors";
import { manifestKey } from "./format";

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
