import "server-only";
import type { Manifest } from "@/lib/engine/manifests";
import type { RecordReader } from "@/lib/engine/records/read";
import { decodeEntry, type Entry, splitEntries } from "./entry";
import { type BytePath, comparePaths, isInside } from "./path";

/** Decoded records kept: the steps of one binary search and the neighbours of where it ended. */
const KEPT_RECORDS = 24;

export interface FoundEntry {
  entry: Entry;
  /** Where its content begins in the payload. */
  payloadOffset: number;
}

/** A record whose lines are decoded when they are looked at: a search looks at few. */
class EntriesRecord {
  private readonly decoded = new Map<number, Entry>();

  constructor(
    private readonly lines: readonly string[],
    readonly payloadOffset: number,
  ) {}

  get length(): number {
    return this.lines.length;
  }

  at(position: number): Entry | null {
    const line = this.lines[position];
    if (line === undefined) return null;
    const entry = this.decoded.get(position) ?? decodeEntry(line);
    this.decoded.set(position, entry);
    return entry;
  }

  /** Payload bytes of the entries before `position`. */
  bytesBefore(position: number): number {
    let bytes = 0;
    for (let i = 0; i < position; i++) bytes += this.at(i)?.sizeBytes ?? 0;
    return bytes;
  }
}

/** Where in the entries stream something lies. */
interface Place {
  record: number;
  position: number;
}

/**
 * Finds entries without reading the stream: every entries record begins with a whole entry, so a binary search over records
 * needs about log2(n) of them (ten for a million entries), and whole subtrees are stepped over the same way.
 */
export class EntryIndex {
  private readonly kept = new Map<number, Promise<EntriesRecord>>();

  constructor(
    private readonly manifest: Manifest,
    private readonly reader: RecordReader,
  ) {}

  /** The entry of exactly this path, or null. */
  async find(path: BytePath): Promise<FoundEntry | null> {
    const place = await this.seek((entry) => comparePaths(entry.path, path) >= 0);
    const found = await this.at(place);
    if (!found || found.path !== path) return null;
    const record = await this.record(place.record);
    return { entry: found, payloadOffset: record.payloadOffset + record.bytesBefore(place.position) };
  }

  /** What lies directly in `folder`, in order, behind the child `after` if given. Subtrees of children are not read. */
  async *children(folder: BytePath, after?: BytePath): AsyncGenerator<Entry> {
    const beyondStart = (entry: Entry) => (after === undefined ? isAfter(entry, folder) : isBeyondTree(entry, after));
    let place = await this.seek(beyondStart);
    for (let entry = await this.at(place); entry && isInside(entry.path, folder); entry = await this.at(place)) {
      yield entry;
      const child = entry;
      place = child.type === "folder" ? await this.seek((next) => isBeyondTree(next, child.path), place) : next(place);
    }
  }

  private get recordCount(): number {
    return this.manifest.stream("entries")?.keyCount ?? 0;
  }

  /** The first entry, from `from` on, for which `reached` holds. `reached` must hold for all entries behind it too. */
  private async seek(reached: (entry: Entry) => boolean, from: Place = { record: 0, position: 0 }): Promise<Place> {
    let low = from.record;
    let high = this.recordCount;
    // Records in [low, high): low's first entry is not reached (or low is where we stand), high's is.
    while (high - low > 1) {
      // Steps grow from where we stand: the end of a small folder is near, the end of a large one is found in a few steps.
      const middle = Math.min(low + Math.max(1, low - from.record), Math.floor((low + high) / 2));
      const first = (await this.record(middle)).at(0);
      if (first && reached(first)) high = middle;
      else low = middle;
    }
    if (low >= this.recordCount) return { record: low, position: 0 };
    const record = await this.record(low);
    const start = low === from.record ? from.position : 0;
    const position = firstReached(record, start, reached);
    return position < record.length ? { record: low, position } : { record: low + 1, position: 0 };
  }

  private async at(place: Place): Promise<Entry | null> {
    if (place.record >= this.recordCount) return null;
    const record = await this.record(place.record);
    if (place.position < record.length) return record.at(place.position);
    // `next` may step behind the last entry of a record.
    place.record++;
    place.position = 0;
    return this.at(place);
  }

  private record(index: number): Promise<EntriesRecord> {
    const known = this.kept.get(index);
    if (known) return known;
    const read = this.readRecord(index);
    read.catch(() => this.kept.delete(index));
    for (const oldest of this.kept.keys()) {
      if (this.kept.size < KEPT_RECORDS) break;
      this.kept.delete(oldest);
    }
    this.kept.set(index, read);
    return read;
  }

  private async readRecord(index: number): Promise<EntriesRecord> {
    const key = await this.manifest.keyAt("entries", index);
    return new EntriesRecord(splitEntries(await this.reader.read(key)), Number(key.aux));
  }
}

/** The first position from `start` on that is reached, or the record's length. Steps grow, as most are near. */
function firstReached(record: EntriesRecord, start: number, reached: (entry: Entry) => boolean): number {
  const isReached = (position: number) => {
    const entry = record.at(position);
    return entry === null || reached(entry);
  };
  let low = start;
  let step = 1;
  while (low < record.length && !isReached(low)) {
    low += step;
    step *= 2;
  }
  let high = Math.min(low, record.length);
  low = Math.max(start, low - step / 2);
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (isReached(middle)) high = middle;
    else low = middle + 1;
  }
  return high;
}

const next = ({ record, position }: Place): Place => ({ record, position: position + 1 });

const isAfter = (entry: Entry, path: BytePath): boolean => comparePaths(entry.path, path) > 0;

/** Behind `path` and everything below it? */
const isBeyondTree = (entry: Entry, path: BytePath): boolean => isAfter(entry, path) && !isInside(entry.path, path);
