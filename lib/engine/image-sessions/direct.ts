import "server-only";
import { withTransaction } from "@/lib/db/transaction";
import type { EngineContext } from "@/lib/engine/context";
import { assertBitmap, bitmapBytes, hasBit, type Manifest, openManifest, scidOf } from "@/lib/engine/manifests";
import type { PeerCall } from "@/lib/engine/pairing/caller";
import type {
  RemoteSnapshotFileScidInfo,
  StartO3EDirectVolumeImageReplicationSessionRequest,
} from "@/lib/engine/replication/direct-schemas";
import type { ImageSessionRef, NegotiateInput, PointImage } from "@/lib/engine/replication/peer-schemas";
import type { Domain } from "@/lib/engine/repositories/open";
import { conflict, invalidInput, TwincoreError } from "@/lib/errors";
import { changedCount } from "./changed-blocks";
import { assertOpen, domainOf, type OpenedSession, requireImageSession } from "./find";
import { negotiate } from "./negotiate";
import { beginSession, type DirectBase, dropSessions } from "./start";

const baseConflict = (message: string) => new TwincoreError("conflict", message, { detail: "base" });

/**
 * Begins a transfer of one raw image as a change of an image of the same volume that is committed here. As startImageSession;
 * throws `conflict` with detail "base" when that image is not here, or is not the one that the source means.
 */
export function startDirectImageSession(
  ctx: EngineContext,
  input: StartO3EDirectVolumeImageReplicationSessionRequest,
): Promise<string> {
  return beginSession(ctx, input, (domain, image) => findBase(ctx, domain, input, image));
}

async function findBase(
  ctx: EngineContext,
  domain: Domain,
  input: StartO3EDirectVolumeImageReplicationSessionRequest,
  image: PointImage,
): Promise<DirectBase> {
  if (image.volumeKind !== "image") throw invalidInput("Only images of disks are sent as changed blocks.");
  const base = await ctx.db.prisma.volumeImage.findFirst({
    where: {
      id: input.baseVolumeImageId,
      volumeId: image.volumeId,
      kind: "image",
      recoveryPoint: { agentId: input.agentId, repositoryId: domain.repositoryId, lostAt: null },
    },
  });
  const digest = base && Buffer.from(base.manifestDigest).toString("hex");
  if (digest !== input.baseHeaderHash)
    throw baseConflict("The image that this one is said to be a change of is not here. Offer all keys instead.");
  await openBase(domain, input.baseVolumeImageId, digest);
  return { imageId: input.baseVolumeImageId };
}

async function openBase(domain: Domain, imageId: string, digest?: string): Promise<Manifest> {
  const manifest = await openManifest(domain, imageId).catch(() => null);
  if (!manifest || (digest && manifest.digest.toString("hex") !== digest))
    throw baseConflict("The manifest of the base image cannot be read here any more. Offer all keys instead.");
  return manifest;
}

/** A direct session and the manifest of its base. Throws `conflict` for another session, or when the base is gone. */
export async function requireDirect(
  ctx: EngineContext,
  ref: ImageSessionRef,
): Promise<OpenedSession & { base: Manifest }> {
  const session = await requireImageSession(ctx, ref);
  assertOpen(session.row);
  if (session.row.mode !== "direct" || !session.row.baseImageId)
    throw conflict("This session was not started as a direct one.");
  const base = await openBase(await domainOf(ctx, session.row.agentId), session.row.baseImageId);
  return { ...session, base };
}

/**
 * From which snapshot to which: it must be the base that is here, and the image that was declared. May be repeated. Another one
 * is refused with `conflict` and ends the session; nothing of it stays.
 */
export async function receiveScid(ctx: EngineContext, input: RemoteSnapshotFileScidInfo): Promise<void> {
  const { row, declared, base } = await requireDirect(ctx, input);
  const image = declared.point.images.find(({ id }) => id === row.volumeImageId);
  const right =
    input.baseScid === scidOf(base.digest) && input.scid === scidOf(Buffer.from(image?.headerHash ?? "", "hex"));
  if (!right) {
    await withTransaction(ctx.db, (tx) => dropSessions(tx, [row.id]));
    throw conflict("The snapshot ids are not those of the base and of the declared image. The session was dropped.");
  }
  await ctx.db.prisma.imageSession.updateMany({
    where: { id: row.id, state: "open" },
    data: { scid: BigInt(input.scid) },
  });
}

/**
 * Takes the bitmap of changed blocks: one bit per block of the image, the lowest bit of a byte first. May be repeated; another one
 * is `conflict`. Throws `too_large` past the declared size, `invalid_input` for a wrong length, a bit behind the last block, or a
 * block that the base has not and that is not marked.
 */
export async function receiveBitmap(
  ctx: EngineContext,
  input: ImageSessionRef,
  call: Pick<PeerCall, "body">,
): Promise<void> {
  const { row, base } = await requireDirect(ctx, input);
  if (row.scid === null) throw conflict("The snapshot ids of this session have not come yet. Send them first.");
  const bitmap = await readBitmap(call.body, row.keyCount);
  for (let at = base.recordCount; at < row.keyCount; at++)
    if (!hasBit(bitmap, at)) throw invalidInput(`Block ${at} is not marked, but the base ends before it.`);
  const { count } = await ctx.db.prisma.imageSession.updateMany({
    where: { id: row.id, state: "open", OR: [{ changedBlocks: null }, { changedBlocks: new Uint8Array(bitmap) }] },
    data: { changedBlocks: new Uint8Array(bitmap) },
  });
  if (count === 0) throw conflict("Another bitmap came for this session before, or it has ended. Start a new one.");
}

async function readBitmap(body: AsyncIterable<Uint8Array>, blocks: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > bitmapBytes(blocks))
      throw new TwincoreError(
        "too_large",
        `The bitmap of an image of ${blocks} blocks has ${bitmapBytes(blocks)} bytes.`,
      );
    chunks.push(chunk);
  }
  const bitmap = Buffer.concat(chunks);
  assertBitmap(bitmap, blocks);
  return bitmap;
}

/** As negotiateRecords, for the keys of the changed blocks in order; `start` counts changed blocks. */
export async function negotiateDirect(
  ctx: EngineContext,
  input: NegotiateInput,
  call: Pick<PeerCall, "body">,
): Promise<AsyncIterable<Uint8Array>> {
  const { row } = await requireDirect(ctx, input);
  if ((await changedCount(ctx.db, row.id)) === null)
    throw conflict("The bitmap of changed blocks has not come yet. Send it first.");
  return negotiate(ctx, row, input, call);
}
