import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { discardManifest, ManifestWriter, openManifest } from "@/lib/engine/manifests";
import { countUnindexed } from "@/lib/engine/records/find";
import { decodeKeys, KEY_BYTES } from "@/lib/engine/records/key";
import type { PointImage } from "@/lib/engine/replication/peer-schemas";
import type { Domain } from "@/lib/engine/repositories/open";
import { integrity, TwincoreError } from "@/lib/errors";
import { readBatches } from "./batches";
import { changedBlocksOf, changedKeys } from "./changed-blocks";
import type { OpenedSession } from "./find";

/** countUnindexed takes 10,000 keys at most. */
const CHECK_BYTES = 8192 * KEY_BYTES;

/**
 * Throws `integrity` unless every record of the offered keys is durable here. Of a direct session these are the changed blocks;
 * the others are looked at with the whole point.
 */
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
    if (session.row.mode === "direct") await copyChanged(ctx, domain, session, writer);
    else await copyKeys(ctx, session, writer);
    const { digest } = await writer.finish();
    if (digest.toString("hex") !== image.headerHash)
      throw integrity("The keys that were offered do not make the declared image.");
  } catch (error) {
    await writer.abort();
    await discardManifest(ctx, domain, image.id).catch(() => undefined);
    throw error;
  }
}

/** The base's keys with the changed ones in their place. */
async function copyChanged(
  ctx: EngineContext,
  domain: Domain,
  { row }: OpenedSession,
  writer: ManifestWriter,
): Promise<void> {
  const bitmap = await changedBlocksOf(ctx.db, row.id);
  if (!bitmap || !row.baseImageId) throw integrity("A direct session has no bitmap of changed blocks.");
  const base = await openManifest(domain, row.baseImageId).catch((cause: unknown) => {
    throw new TwincoreError(
      "integrity",
      "The image that this one is a change of is not here any more. Offer all keys.",
      {
        cause,
      },
    );
  });
  await writer.startStream("raw");
  for await (const keys of changedKeys(ctx.db, row, base, bitmap)) {
    if (!keys.every((key) => key !== null)) throw integrity("A changed block has no key.");
    await writer.add(keys);
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
