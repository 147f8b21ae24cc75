import "server-only";
import type { Counters } from "@/lib/engine/capture/counters";
import type { EngineContext } from "@/lib/engine/context";
import { openManifest } from "@/lib/engine/manifests";
import { readFrameHeader, verifyFrame } from "@/lib/engine/records/codec";
import { queryRecords } from "@/lib/engine/records/connection";
import { decodeKeys, isHole, KEY_BYTES, type RecordKey } from "@/lib/engine/records/key";
import { RecordReader } from "@/lib/engine/records/read";
import type { Domain } from "@/lib/engine/repositories/open";

/** Keys looked up together: eight blocks of a manifest. */
const BATCH_KEYS = 8192;
/** Digests that were given out and may not be in the table yet: those of one file of 64 MiB, and far more. About 10 MiB. */
const RECENT_MAX = 100_000;

export interface RecordFrame {
  readonly frame: Buffer;
  readonly digest: Buffer;
}

export interface RecordsWork {
  readonly driveId: string;
  readonly agentId: string;
  readonly domain: Domain;
  readonly counters: Counters;
  readonly signal: AbortSignal;
}

/**
 * The frames of a point's images that no finished file of the drive holds, each once and verified, in the order of the images.
 * Throws `integrity` for a record that is missing or damaged here.
 */
export async function* recordsToWrite(
  ctx: EngineContext,
  work: RecordsWork,
  images: readonly { id: string }[],
): AsyncGenerator<RecordFrame, void, undefined> {
  const { domain, counters, signal } = work;
  const reader = new RecordReader(ctx, domain);
  const recent = new Set<string>();
  for (const image of images) {
    const manifest = await openManifest(domain, image.id);
    for (const { kind } of manifest.streams) {
      for await (const batch of batches(manifest.packedKeys(kind))) {
        signal.throwIfAborted();
        const wanted = await notWritten(ctx, work, fresh(batch, recent));
        const wantedBytes = wanted.reduce((sum, { rawLength }) => sum + rawLength, 0);
        const known = batch.reduce((sum, { rawLength }) => sum + rawLength, 0) - wantedBytes;
        counters.bytesDone += known;
        counters.takenBytes += known;
        let at = 0;
        for await (const frame of reader.framesOf(wanted.map(({ digest }) => digest))) {
          signal.throwIfAborted();
          const header = readFrameHeader(frame);
          await verifyFrame(header, frame);
          counters.bytesDone += wanted[at++]?.rawLength ?? 0;
          yield { frame, digest: header.digest };
        }
      }
    }
  }
}

/** The keys that were not given out before; holes lie nowhere. */
function fresh(batch: RecordKey[], recent: Set<string>): RecordKey[] {
  if (recent.size + batch.length > RECENT_MAX) recent.clear();
  return batch.filter((key) => {
    const name = key.digest.toString("latin1");
    if (isHole(key) || recent.has(name)) return false;
    recent.add(name);
    return true;
  });
}

async function notWritten(ctx: EngineContext, work: RecordsWork, keys: RecordKey[]): Promise<RecordKey[]> {
  if (keys.length === 0) return [];
  const rows = await queryRecords(ctx.db, NOT_WRITTEN, [
    Buffer.concat(keys.map(({ digest }) => digest)),
    work.driveId,
    work.agentId,
  ]);
  return rows.flatMap((row) => keys[Number(row[0])] ?? []);
}

const NOT_WRITTEN = `
  select i from (
    select i, substring($1::bytea from i * 32 + 1 for 32) as d
    from generate_series(0, length($1::bytea) / 32 - 1) as i offset 0
  ) as asked
  where not exists (
    select 1 from seed_drive_record where seed_drive_id = $2 and agent_id = $3 and digest = asked.d
  ) order by i`;

async function* batches(pieces: AsyncIterable<Buffer>): AsyncGenerator<RecordKey[]> {
  let held: Buffer[] = [];
  let count = 0;
  for await (const piece of pieces) {
    held.push(piece);
    count += piece.length / KEY_BYTES;
    if (count < BATCH_KEYS) continue;
    yield decodeKeys(Buffer.concat(held));
    held = [];
    count = 0;
  }
  if (count > 0) yield decodeKeys(Buffer.concat(held));
}
