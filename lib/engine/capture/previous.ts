import "server-only";
import type { Entry, FolderImage } from "@/lib/engine/folder-images";
import { comparePaths } from "@/lib/engine/folder-images/path";
import type { Manifest } from "@/lib/engine/manifests";
import type { RecordKey } from "@/lib/engine/records/key";
import type { WalkedFile } from "./walk";

/** A file that is as it was when the previous image was captured. */
export interface Unchanged {
  /** Where its content begins in the previous payload. */
  offset: number;
}

/** Clock ticks of file systems are 1 to 10 ms. */
const TICK_NS = 50_000_000n;
/** Of those that only count whole seconds (FAT: two). */
const COARSE_TICK_NS = 2_000_000_000n;
const SECOND_NS = 1_000_000_000n;

/** The image that this capture goes on from, read along with the walk: both are in the same order. */
export class PreviousImage {
  readonly payload: PreviousPayload;
  private readonly records: AsyncIterator<{ entries: Entry[]; payloadOffset: number }>;
  private entries: Entry[] = [];
  private next = 0;
  private offset = 0;
  private readonly capturedAtNs: bigint;

  /** `capturedAt`: when that capture began, before it read anything. */
  constructor(image: FolderImage, capturedAt: Date) {
    this.records = image.records();
    this.payload = new PreviousPayload(image.manifest);
    this.capturedAtNs = BigInt(capturedAt.getTime()) * 1_000_000n;
  }

  /** For each file of the batch what the previous image knows of it, if it is unchanged. Batches must come in order. */
  async match(batch: readonly WalkedFile[]): Promise<(Unchanged | null)[]> {
    const found: (Unchanged | null)[] = [];
    for (const file of batch) {
      while (await this.isBefore(file)) this.step();
      const entry = this.entries[this.next];
      const same = entry?.path === file.path && this.isUnchanged(entry, file);
      found.push(same ? { offset: this.offset } : null);
    }
    return found;
  }

  async close(): Promise<void> {
    await this.records.return?.();
    await this.payload.close();
  }

  /** Does the entry at hand come before the file? Loads the next entries when there is none at hand. */
  private isBefore(file: WalkedFile): boolean | Promise<boolean> {
    const entry = this.entries[this.next];
    if (!entry) return this.load().then((more) => more && this.isBefore(file));
    return comparePaths(entry.path, file.path) < 0;
  }

  private step(): void {
    this.offset += this.entries[this.next]?.sizeBytes ?? 0;
    this.next++;
  }

  private async load(): Promise<boolean> {
    const { done, value } = await this.records.next();
    this.entries = done ? [] : value.entries;
    this.next = 0;
    return !done;
  }

  /**
   * Size, both times and inode agree, and the change time is clearly older than that capture: a file that changed again
   * within the same tick of its file system's clock would look the same.
   */
  private isUnchanged(entry: Entry, { stat }: WalkedFile): boolean {
    const same =
      entry.type === "file" &&
      stat.isFile() &&
      entry.sizeBytes === Number(stat.size) &&
      entry.mtimeNs === stat.mtimeNs &&
      entry.ctimeNs === stat.ctimeNs &&
      entry.inode === stat.ino;
    if (!same) return false;
    const tick = stat.ctimeNs % SECOND_NS === 0n ? COARSE_TICK_NS : TICK_NS;
    return stat.ctimeNs + tick < this.capturedAtNs;
  }
}

/** The record keys of the previous payload, read forwards. */
export class PreviousPayload {
  private readonly keys: AsyncIterator<RecordKey> | null;
  private readonly totalBytes: number;
  private current: RecordKey | null = null;
  private offset = 0;

  constructor(private readonly manifest: Manifest) {
    const stream = manifest.stream("payload");
    this.keys = stream ? manifest.keys("payload")[Symbol.asyncIterator]() : null;
    this.totalBytes = stream?.totalBytes ?? 0;
  }

  /**
   * The keys of exactly the bytes from `start` up to `end`, in pieces; null when these are no borders of records. Each call
   * must lie behind the one before, and be read to its end.
   */
  async take(start: number, end: number): Promise<AsyncGenerator<RecordKey[]> | null> {
    if (start >= end || !(await this.advance(start)) || !(await this.isBorder(end))) return null;
    return this.pieces(end);
  }

  async close(): Promise<void> {
    await this.keys?.return?.();
  }

  private async *pieces(end: number): AsyncGenerator<RecordKey[]> {
    let piece: RecordKey[] = [];
    while (this.offset < end && this.current) {
      piece.push(this.current);
      await this.step();
      if (piece.length < PIECE_KEYS) continue;
      yield piece;
      piece = [];
    }
    if (piece.length > 0) yield piece;
  }

  /** Goes on to `offset`; false when no record begins there. */
  private async advance(offset: number): Promise<boolean> {
    if (!this.current && this.offset === 0) await this.load();
    while (this.current && this.offset < offset) await this.step();
    return this.current !== null && this.offset === offset;
  }

  private async isBorder(offset: number): Promise<boolean> {
    // Most ranges are one record, which needs no look at the manifest.
    if (this.current && this.offset + this.current.rawLength === offset) return true;
    if (offset >= this.totalBytes) return offset === this.totalBytes;
    return (await this.manifest.findByOffset("payload", offset)).startOffset === offset;
  }

  private async step(): Promise<void> {
    this.offset += this.current?.rawLength ?? 0;
    await this.load();
  }

  private async load(): Promise<void> {
    const next = await this.keys?.next();
    this.current = next && !next.done ? next.value : null;
  }
}

/** As many keys as a manifest reads at a time. */
const PIECE_KEYS = 1024;
