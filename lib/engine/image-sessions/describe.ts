import "server-only";
import { FIXED_BLOCK_BYTES } from "@/lib/engine/chunking";
import type { EngineContext } from "@/lib/engine/context";
import { bitmapBytes, scidOf } from "@/lib/engine/manifests";
import { MANIFEST_KEYS_MAX } from "@/lib/engine/manifests/format";
import { PACK_BYTES_MAX } from "@/lib/engine/packs/writer";
import type {
  O3ERemoteConnectionDescription,
  O3ERemoteSnapshotFileInfo,
} from "@/lib/engine/replication/direct-schemas";
import { type ImageSessionRef, KEYS_PER_BATCH } from "@/lib/engine/replication/peer-schemas";
import { notFound } from "@/lib/errors";
import { domainOf, requireImageSession } from "./find";

/** What a session may send to the repository of its agent, and in which sizes. No address: records travel by this contract. */
export async function describeConnection(
  ctx: EngineContext,
  input: ImageSessionRef,
): Promise<O3ERemoteConnectionDescription> {
  const { row } = await requireImageSession(ctx, input);
  const { repositoryId } = await domainOf(ctx, row.agentId);
  return {
    agentId: row.agentId,
    blockSize: FIXED_BLOCK_BYTES,
    maxBitmapSize: bitmapBytes(MANIFEST_KEYS_MAX),
    maxKeysPerRequest: KEYS_PER_BATCH,
    maxTransferDataSize: PACK_BYTES_MAX,
    repositoryId,
    sessionId: row.id,
  };
}

/**
 * The snapshot that a session writes, as it is now: committed = the image; else what a direct session changes, that is its base;
 * else nothing yet.
 */
export async function describeSnapshot(ctx: EngineContext, input: ImageSessionRef): Promise<O3ERemoteSnapshotFileInfo> {
  const { row, declared } = await requireImageSession(ctx, input);
  const image = declared.point.images.find(({ id }) => id === row.volumeImageId);
  if (!image) throw notFound("volume image");
  const committed = row.state === "committed";
  const base = row.baseImageId ? await ctx.db.prisma.volumeImage.findUnique({ where: { id: row.baseImageId } }) : null;
  const baseScid = base ? scidOf(base.manifestDigest) : 0;
  return {
    fullPath: `volume-images/${committed || !base ? image.id : base.id}`,
    openInfo: {
      blockSize: FIXED_BLOCK_BYTES,
      createAfterRollback: false,
      createWritableSnapshot: false,
      imageType: "None",
      openWritable: !committed,
      openWritableSnapshot: false,
      partial: !committed,
      rollbackImageScid: baseScid,
      scid: committed ? scidOf(Buffer.from(image.headerHash, "hex")) : baseScid,
      size: committed ? image.size : Number(base?.sizeBytes ?? 0),
      volumeId: image.volumeId,
    },
  };
}
