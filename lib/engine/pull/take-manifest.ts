import "server-only";
import { discardManifest, type Manifest, openManifest } from "@/lib/engine/manifests";
import { MANIFEST_KEYS_MAX, manifestKey } from "@/lib/engine/manifests/format";
import { KEY_BYTES } from "@/lib/engine/records/key";
import { integrity, TwincoreError } from "@/lib/errors";
import type { LeadingImage } from "./peer-schemas";
import type { Fetcher } from "./take-points";

/** Beside the keys a manifest has 40 bytes for each 1,024 of them, and for each stream; far less than this. */
const OTHER_BYTES = 64 * 1024;

/**
 * Brings the manifest of an image here, and opens it: the one that is declared, or none. It lies in the repository before its
 * records do, so that an interrupted run does not fetch it again; without a recovery point nobody lists it. Throws `integrity`.
 */
export async function takeManifest(work: Fetcher, image: LeadingImage): Promise<Manifest> {
  const { ctx, domain } = work;
  if (image.recordCount > MANIFEST_KEYS_MAX) throw integrity("An image has more records than any manifest may hold.");
  const present = await opened(work, image);
  if (present) return present;
  // Left by something else, or damaged. One that a recovery point refers to stays, and is a conflict.
  await discardManifest(ctx, domain, image.id);
  await copyManifest(work, image);
  const manifest = await opened(work, image);
  if (manifest) return manifest;
  await discardManifest(ctx, domain, image.id);
  throw integrity(`The manifest of the volume ${image.volumeDisplayName} is not the one that was declared.`);
}

async function opened({ domain }: Fetcher, image: LeadingImage): Promise<Manifest | null> {
  try {
    const manifest = await openManifest(domain, image.id);
    const same = manifest.digest.toString("hex") === image.headerHash && manifest.recordCount === image.recordCount;
    return same ? manifest : null;
  } catch (thrown) {
    if (thrown instanceof TwincoreError && ["not_found", "integrity"].includes(thrown.code)) return null;
    throw thrown;
  }
}

async function copyManifest({ domain, control, target, leased }: Fetcher, image: LeadingImage): Promise<void> {
  const bytesMax = image.recordCount * (KEY_BYTES + 1) + OTHER_BYTES;
  const content = await target.readImageManifest({ agentId: leased.session.agentId, imageId: image.id });
  const writer = await domain.storage.create(manifestKey(domain.prefix, image.id));
  try {
    let length = 0;
    for await (const piece of content) {
      control.assertGoing();
      length += piece.length;
      if (length > bytesMax) throw integrity("A manifest came that is larger than its image can have.");
      await control.throttle(piece.length);
      await writer.write(piece);
    }
    await writer.commit();
  } catch (thrown) {
    await writer.abort();
    // Somebody else brought it meanwhile; whether it is the right one is seen next.
    if (!(thrown instanceof TwincoreError) || thrown.code !== "conflict") throw thrown;
  }
}
