import "server-only";
import { flatKeys, type Manifest } from "@/lib/engine/manifests";
import { findMissing } from "@/lib/engine/records/find";
import { decodeKeys, isHole, KEY_BYTES, type RecordKey } from "@/lib/engine/records/key";
import { inBatches } from "@/lib/engine/replication/send-records";
import { Fetches, type Wanted } from "./fetches";
import type { LeadingImage } from "./peer-schemas";
import type { Fetcher } from "./take-points";

/** Digests that were asked for lately, so that a record that an image repeats is not fetched again. About 10 MiB. */
const RECENT_MAX = 100_000;

/**
 * Fetches the records of an image that this core lacks, batch by batch: its own index says which. Durable and indexed when it
 * resolves; answers the bytes that were stored. Run again, it fetches what is still missing.
 */
export async function fetchRecords(
  work: Fetcher,
  { image, recoveryPointId }: { image: LeadingImage; recoveryPointId: string },
  manifest: Manifest,
): Promise<number> {
  const { ctx, domain, control } = work;
  const fetches = new Fetches(work, image.id, recoveryPointId);
  const recent = new Set<string>();
  let start = 0;
  try {
    for await (const batch of inBatches(flatKeys(manifest))) {
      control.assertGoing();
      control.progress.phase = "negotiate";
      const keys = decodeKeys(batch);
      const stored = keys.flatMap((key, position) => (isHole(key) ? [] : [{ key, position: start + position }]));
      const missing = await findMissing(
        ctx,
        domain.id,
        stored.map(({ key }) => key.digest),
      );
      const wanted = missing.flatMap((at) => stored[at] ?? []).filter(({ key }) => isNew(recent, key));
      countKnown(work, keys, stored.length, wanted);
      control.progress.phase = "transfer";
      await fetches.fetch(wanted);
      start += batch.length / KEY_BYTES;
    }
    await fetches.finish();
  } finally {
    await fetches.settle();
  }
  return fetches.storedBytes;
}

function isNew(recent: Set<string>, { digest }: RecordKey): boolean {
  const name = digest.toString("latin1");
  if (recent.has(name)) return false;
  if (recent.size >= RECENT_MAX) recent.clear();
  recent.add(name);
  return true;
}

function countKnown({ control }: Fetcher, keys: readonly RecordKey[], stored: number, wanted: readonly Wanted[]): void {
  const all = keys.reduce((sum, { rawLength }) => sum + rawLength, 0);
  const coming = wanted.reduce((sum, { key }) => sum + key.rawLength, 0);
  control.progress.known(all - coming, stored - wanted.length);
}
