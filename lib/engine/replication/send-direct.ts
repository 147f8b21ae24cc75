import "server-only";
import { type Changes, compareRaw, hasBit, type Manifest, openManifest, scidOf } from "@/lib/engine/manifests";
import { KEY_BYTES } from "@/lib/engine/records/key";
import { type ErrorCode, TwincoreError } from "@/lib/errors";
import { isDirect, mayBeDirect } from "./choose-mode";
import { type BaseImage, complete, type Declaration, type ImageSender, inBatches, sendRecords } from "./send-records";
import type { ImageRef } from "./target-core";

/** Answers that say "not this way": the base is gone or another one, or the target knows no direct sessions. */
const REFUSALS: readonly ErrorCode[] = [
  "conflict",
  "integrity",
  "invalid_input",
  "not_found",
  "too_large",
  "wrong_method",
];

/**
 * Replicates a raw image as the blocks that changed since `base`: start → snapshot ids → bitmap → negotiate the changed keys, send
 * what is missing of them → commit. Gives false, and leaves nothing on the target but records, when that does not pay (`isDirect`)
 * or the target refuses it.
 */
export async function sendDirectly(
  sender: ImageSender,
  declaration: Declaration,
  manifest: Manifest,
  base: BaseImage,
): Promise<boolean> {
  const changes = await worthwhileChanges(sender, manifest, base);
  if (!changes) return false;
  const { ctx, control } = sender;
  const before = control.progress.mode;
  try {
    await send(sender, declaration, manifest, base, changes);
    return true;
  } catch (thrown) {
    if (!(thrown instanceof TwincoreError) || !REFUSALS.includes(thrown.code) || control.stopping) throw thrown;
    control.progress.mode = before;
    ctx.log.info(
      { image: declaration.volumeImageId, base: base.id, code: thrown.code, reason: thrown.message },
      "the target did not take an image as a change of another; all of its keys are offered instead",
    );
    return false;
  }
}

/** How the image differs from its base here; null when all of its keys cost less. */
async function worthwhileChanges(
  { ctx, domain, preference }: ImageSender,
  manifest: Manifest,
  base: BaseImage,
): Promise<Changes | null> {
  const stream = manifest.stream("raw");
  if (!stream || !mayBeDirect(stream.keyCount, preference)) return null;
  const ours = await openManifest(domain, base.id).catch((thrown: unknown) => {
    ctx.log.info({ base: base.id, err: thrown }, "the manifest of a base cannot be read here");
    return null;
  });
  if (ours?.digest.toString("hex") !== base.manifestDigest) return null;
  const changes = await compareRaw(ours, manifest);
  return isDirect(stream.keyCount, changes.changed, preference) ? changes : null;
}

async function send(
  sender: ImageSender,
  declaration: Declaration,
  manifest: Manifest,
  base: BaseImage,
  changes: Changes,
): Promise<void> {
  const { target, control } = sender;
  control.progress.beginImage();
  const sessionId = await target.startDirectSession({
    ...declaration,
    streams: [...manifest.streams],
    baseVolumeImageId: base.id,
    baseHeaderHash: base.manifestDigest,
  });
  const image: ImageRef = { agentId: declaration.agentId, jobId: declaration.jobId, sessionId };
  await complete(sender, image, async () => {
    const baseScid = scidOf(Buffer.from(base.manifestDigest, "hex"));
    await target.sendScid({ ...image, baseScid, scid: scidOf(manifest.digest) });
    await target.sendBitmap(image, changes.bitmap);
    control.progress.mode = "direct";
    control.progress.known(changes.sameBytes, changes.sameRecords);
    await sendRecords(sender, image, inBatches(changedPieces(manifest, changes.bitmap)), (start, keys) =>
      target.negotiateDirect({ ...image, start }, keys),
    );
  });
}

/** The packed keys of the blocks that are marked, in order. */
async function* changedPieces(manifest: Manifest, bitmap: Buffer): AsyncGenerator<Buffer> {
  let index = 0;
  for await (const piece of manifest.packedKeys("raw")) {
    const kept: Buffer[] = [];
    for (let at = 0; at < piece.length; at += KEY_BYTES, index++)
      if (hasBit(bitmap, index)) kept.push(piece.subarray(at, at + KEY_BYTES));
    if (kept.length > 0) yield Buffer.concat(kept);
  }
}
