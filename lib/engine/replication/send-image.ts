import "server-only";
import { type Manifest, openManifest } from "@/lib/engine/manifests";
import { sendDirectly } from "./send-direct";
import { type BaseImage, complete, type Declaration, type ImageSender, inBatches, sendRecords } from "./send-records";
import type { ImageRef } from "./target-core";

/**
 * Replicates one volume image: start → negotiate a batch of keys, send what is missing of it → … → commit. What is there already
 * is not sent, so doing it again after an interruption resends at most what was in flight. With a base on the target only the
 * changed blocks are negotiated, where that costs less; when the target refuses that, the image goes the other way.
 */
export async function sendImage(sender: ImageSender, declaration: Declaration, base: BaseImage | null): Promise<void> {
  const { domain, control } = sender;
  control.assertGoing();
  const manifest = await openManifest(domain, declaration.volumeImageId);
  control.progress.phase = "negotiate";
  if (base && (await sendDirectly(sender, declaration, manifest, base))) return;
  control.progress.phase = "negotiate";
  control.progress.beginImage();
  const sessionId = await sender.target.startImageSession({ ...declaration, streams: [...manifest.streams] });
  const image: ImageRef = { agentId: declaration.agentId, jobId: declaration.jobId, sessionId };
  await complete(sender, image, () =>
    sendRecords(sender, image, batches(manifest), (start, keys) => sender.target.negotiate({ ...image, start }, keys)),
  );
}

/** The keys of all streams in order. */
async function* piecesOf(manifest: Manifest): AsyncGenerator<Buffer> {
  for (const { kind } of manifest.streams) yield* manifest.packedKeys(kind);
}

const batches = (manifest: Manifest): AsyncGenerator<Buffer> => inBatches(piecesOf(manifest));
