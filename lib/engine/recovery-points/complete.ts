import "server-only";
import { hasBit } from "@/lib/engine/manifests/bitmap";
import { openManifest } from "@/lib/engine/manifests/open";
import type { RecordContext } from "@/lib/engine/records/connection";
import { countUnindexed } from "@/lib/engine/records/find";
import { KEY_BYTES } from "@/lib/engine/records/key";
import { isSuspect } from "@/lib/engine/records/losses";
import type { Domain } from "@/lib/engine/repositories/open";
import { integrity } from "@/lib/errors";
import type { CommitImageInput } from "./commit";

/** Keys checked by one statement (the most that countUnindexed takes is 10,000; a manifest's pieces hold 1,024). */
const PIECES_PER_STATEMENT = 9;

/** Losing this check loses data: a point may only be listed when the index, hence a durable pack, has its every record. */
export async function assertComplete(
  ctx: RecordContext,
  domain: Domain,
  image: CommitImageInput,
  base: CommittedBase | null = null,
): Promise<void> {
  const manifest = await openManifest(domain, image.id);
  if (!manifest.digest.equals(image.manifestDigest) || manifest.recordCount !== image.recordCount)
    throw integrity(`The manifest of the volume ${image.volumeName} is not the one that was declared.`);
  let missing = 0;
  for (const { kind } of manifest.streams) {
    let pieces: Buffer[] = [];
    let index = 0;
    for await (const piece of manifest.packedKeys(kind)) {
      pieces.push(base ? changedIn(piece, index, base.changedBlocks) : piece);
      index += piece.length / KEY_BYTES;
      if (pieces.length < PIECES_PER_STATEMENT) continue;
      missing += await countUnindexed(ctx, domain.id, Buffer.concat(pieces));
      pieces = [];
    }
    if (pieces.length > 0) missing += await countUnindexed(ctx, domain.id, Buffer.concat(pieces));
  }
  if (missing > 0)
    throw integrity(
      `${missing} records of the volume ${image.volumeName} are missing. Run the replication again: only they are sent.`,
    );
}

export interface CommittedBase {
  readonly imageId: string;
  readonly changedBlocks: Uint8Array;
}

/** null when there is no base, or it is not committed any more: then every record is looked at. */
export async function committedBase(
  ctx: RecordContext,
  domain: Domain,
  { changeOf }: CommitImageInput,
): Promise<CommittedBase | null> {
  if (!changeOf) return null;
  const where = {
    id: changeOf.baseImageId,
    recoveryPoint: { repositoryId: domain.repositoryId, agent: { tenantId: domain.tenantId }, lostAt: null },
  };
  // Records left the index and the points were not looked at since: a committed image proves nothing just now.
  if (await isSuspect(ctx.db.prisma, domain)) return null;
  const [count, changedBlocks] = await Promise.all([
    ctx.db.prisma.volumeImage.count({ where }),
    changeOf.changedBlocks(),
  ]);
  return count === 1 && changedBlocks ? { imageId: changeOf.baseImageId, changedBlocks } : null;
}

/** The packed keys of a piece whose blocks are marked; the piece begins at `index`. */
function changedIn(piece: Buffer, index: number, bitmap: Uint8Array): Buffer {
  const kept: Buffer[] = [];
  for (let at = 0; at < piece.length; at += KEY_BYTES)
    if (hasBit(bitmap, index + at / KEY_BYTES)) kept.push(piece.subarray(at, at + KEY_BYTES));
  return Buffer.concat(kept);
}
