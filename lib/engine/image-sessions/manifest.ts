import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { discardManifest, ManifestWriter } from "@/lib/engine/manifests";
import { countUnindexed } from "@/lib/engine/records/find";
import { decodeKeys, KEY_BYTES } from "@/lib/engine/records/key";
import type { PointImage } from "@/lib/engine/replication/peer-schemas";
import type { Domain } from "@/lib/engine/repositories/open";
import { integrity } from "@/lib/errors";
import { readBatches } from "./batches";
import type { OpenedSession } from "./find";

/** countUnindexed takes 10,000 keys at most. */
const CHECK_BYTES = 8192 * KEY_BYTES;

/** Throws `integrity` unless every record of the offered keys is durable here. */
export async function assertRecords(ctx: EngineContext, domain: Domain, session: OpenedSession): Promise<void> {
  let missing = 0;
  for await (const keys of readBatches(ctx.db, session.row.id)) {
    for (let at = 0; at < keys.length; at += CHECK_BYTES)
      missing += await countUnindexed(ctx, domain.id, keys.subarray(at, at + CHECK_BYTES));
  }
  if (missing > 0)
    throw integrity(`${missing} records of this image are missing. Run the replication again: only they are sent.`);
}

/**
 * Writes the manifest from the offered keys. Throws `integrity` when it is not the one that the source declared; such a
 * manifest is removed again, so that a right one may follow.
 */
export async function writeManifest(
  ctx: EngineContext,
  domain: Domain,
  session: OpenedSession,
  image: PointImage,
): Promise<void> {
  const writer = await ManifestWriter.create(domain, image.id);
  try {
    await copyKeys(ctx, session, writer);
    const { digest } = await writer.finish();
    if (digest.toString("hex") !== image.headerHash)
      throw integrity("The keys that were offered are not those of the declared image.");
  } catch (error) {
    await writer.abort();
    await discardManifest(ctx, domain, image.id).catch(() => undefined);
    throw error;
  }
}

/** The keys came as one row of streams; where one stream ends and the next begins was declared. */
async function copyKeys(ctx: EngineContext, session: OpenedSession, writer: ManifestWriter): Promise<void> {
  const streams = [...session.declared.streams];
  let left = 0;
  const advance = async () => {
    while (left === 0 && streams.length > 0) {
      const next = streams.shift();
      if (!next) return;
      await writer.startStream(next.kind);
      left = next.keyCount;
    }
  };
  await advance();
  for await (const bytes of readBatches(ctx.db, session.row.id)) {
    const keys = decodeKeys(bytes);
    for (let at = 0; at < keys.length; ) {
      const part = keys.slice(at, at + left);
      await writer.add(part);
      at += part.length;
      left -= part.length;
      await advance();
    }
  }
}
