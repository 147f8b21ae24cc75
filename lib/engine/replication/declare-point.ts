import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { SkippedFile } from "@/lib/engine/recovery-points/schemas";

/** Of what could not be read, so many bytes are told; the rest stays on the core that captured it. */
const SKIPPED_BYTES_MAX = 1024 * 1024;

/** What the other core must know of a whole point to hold it too; null when it is not there (any more). */
export async function declarePoint(ctx: EngineContext, agentId: string, recoveryPointId: string) {
  const row = await ctx.db.prisma.recoveryPoint.findFirst({
    where: { id: recoveryPointId, agentId },
    include: { images: { include: { volume: true } } },
  });
  if (!row) return null;
  const declaration = {
    recoveryPointId: row.id,
    epochNumber: Number(row.sequence),
    utcCreatedTimestamp: row.createdAt.toISOString(),
    point: {
      images: row.images.map((image) => ({
        id: image.id,
        volumeId: image.volumeId,
        volumeDisplayName: image.volume.name,
        volumeKind: image.kind,
        size: Number(image.sizeBytes),
        entryCount: image.entryCount,
        recordCount: image.recordCount,
        headerHash: Buffer.from(image.manifestDigest).toString("hex"),
      })),
      logicalBytes: Number(row.logicalBytes),
      label: row.label,
      locked: row.locked,
      origin: row.origin,
      ...(row.snapshotRuleId ? { snapshotRuleId: row.snapshotRuleId } : {}),
      skippedCount: row.skippedCount,
      skipped: fitting(SkippedFile.array().catch([]).parse(row.skipped)),
    },
  };
  return { row, declaration };
}

function fitting(skipped: SkippedFile[]): SkippedFile[] {
  let bytes = 0;
  return skipped.filter(({ path, reason }) => {
    bytes += 2 * (path.length + reason.length);
    return bytes < SKIPPED_BYTES_MAX;
  });
}
