import "server-only";
import type { Domain } from "@/lib/engine/repositories/open";
import { integrity } from "@/lib/errors";
import type { RecordContext } from "./connection";
import { locateRecords, type RecordLocation } from "./find";
import { RECORD_BYTES_MAX } from "./frame";
import { isHole, type RecordKey } from "./key";

/** Keys located by one statement: about as many records as are read ahead several times over. */
const BATCH_KEYS = 512;
/** One read: a large record, or as many small neighbours. */
const RUN_BYTES_MAX = RECORD_BYTES_MAX + 64 * 1024;
/** Skipping so little costs less than another read. */
const GAP_BYTES_MAX = 64 * 1024;
/** A 4 MiB run of well-compressed records must not unpack to more than the reader may hold ahead. */
const RUN_RAW_BYTES_MAX = 8 * 1024 * 1024;

export interface Wanted {
  key: RecordKey;
  location: RecordLocation;
}

/** Consecutive wanted records that one read of one pack fetches; or one hole (length 0). */
export interface Run {
  packKey: string;
  offset: number;
  length: number;
  /** Plaintext bytes. */
  rawBytes: number;
  wanted: Wanted[];
}

/** Cuts a sequence of keys into runs, in order. Throws `integrity` at the first record that the index does not know. */
export async function* planRuns(
  ctx: RecordContext,
  domain: Domain,
  keys: AsyncIterable<RecordKey> | Iterable<RecordKey>,
): AsyncIterable<Run> {
  for await (const batch of batches(keys)) {
    const digests = batch.filter((key) => !isHole(key)).map((key) => key.digest);
    const found = digests.length > 0 ? await locateRecords(ctx, domain.id, digests) : new Map<string, RecordLocation>();
    let run: Run | null = null;
    for (const key of batch) {
      const wanted = { key, location: isHole(key) ? holeLocation(key) : locationOf(found, key) };
      if (run && joins(run, wanted.location)) {
        extend(run, wanted);
        continue;
      }
      if (run) yield run;
      run = startRun(wanted);
    }
    if (run) yield run;
  }
}

async function* batches(keys: AsyncIterable<RecordKey> | Iterable<RecordKey>): AsyncIterable<RecordKey[]> {
  let batch: RecordKey[] = [];
  for await (const key of keys) {
    batch.push(key);
    if (batch.length < BATCH_KEYS) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

const holeLocation = (key: RecordKey): RecordLocation => ({
  packKey: "",
  offset: 0,
  length: 0,
  rawLength: key.rawLength,
});

function locationOf(found: Map<string, RecordLocation>, key: RecordKey): RecordLocation {
  const hex = key.digest.toString("hex");
  const location = found.get(hex);
  if (!location) throw integrity(`A record is missing from the repository (${hex}).`);
  return location;
}

function startRun(wanted: Wanted): Run {
  const { packKey, offset, length, rawLength } = wanted.location;
  return { packKey, offset, length, rawBytes: rawLength, wanted: [wanted] };
}

function joins(run: Run, next: RecordLocation): boolean {
  if (run.length === 0 || next.length === 0 || run.packKey !== next.packKey) return false;
  const gap = next.offset - (run.offset + run.length);
  const length = next.offset + next.length - run.offset;
  const rawBytes = run.rawBytes + next.rawLength;
  return gap >= 0 && gap <= GAP_BYTES_MAX && length <= RUN_BYTES_MAX && rawBytes <= RUN_RAW_BYTES_MAX;
}

function extend(run: Run, wanted: Wanted): void {
  run.length = wanted.location.offset + wanted.location.length - run.offset;
  run.rawBytes += wanted.location.rawLength;
  run.wanted.push(wanted);
}
