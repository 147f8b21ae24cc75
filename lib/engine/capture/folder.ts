import "server-only";
import { ContentDefinedChunker } from "@/lib/engine/chunking";
import { EntriesWriter, type Entry, toText } from "@/lib/engine/folder-images";
import type { ManifestWriter } from "@/lib/engine/manifests";
import type { RecordKey } from "@/lib/engine/records/key";
import type { RecordWriter } from "@/lib/engine/records/write";
import { ReadAhead } from "./ahead";
import type { Counters } from "./counters";
import { toEntry } from "./entry-of";
import type { FileStat, OpenFile } from "./file-source";
import { HardLinks } from "./hard-links";
import { KeyQueue } from "./key-queue";
import { hasContent, type Item, Planner, type Unit, unchangedRange } from "./plan";
import type { PreviousImage } from "./previous";
import { filePieces, isSparse, LargeFileCutter } from "./read-large";
import { ChangedFile, sameState, TORN } from "./read-small";
import { assertAboutFile, reasonOf } from "./skipped";
import { systemPath, type WalkOptions, walk } from "./walk";

export interface FolderCaptureOptions extends WalkOptions {
  previous: PreviousImage | null;
  writer: RecordWriter;
  manifest: ManifestWriter;
  counters: Counters;
  signal: AbortSignal;
}

interface ReadContent {
  bytes: number;
  error: unknown;
}

export interface CapturedStream {
  /** Of all contents. */
  sizeBytes: number;
  entryCount: number;
}

/**
 * Captures a folder tree: walk → join with the previous image → units → payload and entries. Every step streams; what is in
 * memory does not grow with the tree, but for the names of the folders on the way down. Puts all records to the writer and
 * all keys to the manifest; ends neither.
 */
export async function captureFolder(options: FolderCaptureOptions): Promise<CapturedStream> {
  await options.manifest.startStream("payload");
  const capture = new FolderCapture(options);
  const units = capture.ahead.units(plan(options));
  try {
    for await (const unit of units) {
      options.signal.throwIfAborted();
      await capture.add(unit);
    }
    return await capture.finish();
  } finally {
    await units.return(undefined);
    await options.previous?.close();
  }
}

async function* plan(options: FolderCaptureOptions): AsyncGenerator<Unit> {
  const planner = new Planner();
  const links = new HardLinks();
  for await (const batch of walk(options)) {
    const known = options.previous ? await options.previous.match(batch) : [];
    for (const [position, file] of batch.entries()) {
      const firstName = file.stat.isFile() ? links.firstName(file.path, file.stat) : null;
      yield* planner.push({ ...file, unchanged: known[position] ?? null, firstName });
    }
  }
  yield* planner.flush();
  if (links.overflow > 0)
    options.skipped.add(
      "",
      `${links.overflow} further names of files became copies: too many files have several names`,
    );
}

class FolderCapture {
  readonly ahead: ReadAhead;
  private readonly queue: KeyQueue;
  private readonly chunker = new ContentDefinedChunker();
  private readonly entries = new EntriesWriter();
  /** Written behind the payload; about one for a thousand entries. */
  private readonly entryKeys: Promise<RecordKey>[] = [];
  /** First names of files that could not be read: their other names have nothing to refer to. */
  private readonly missing = new Set<string>();
  private readonly rootDevice: { device: bigint | null } = { device: null };

  constructor(private readonly options: FolderCaptureOptions) {
    this.ahead = new ReadAhead(options.source, options.root);
    this.queue = new KeyQueue(options.writer, options.manifest);
  }

  async add(unit: Unit): Promise<void> {
    if (unit.kind === "large") return this.addLarge(unit.item);
    const range = unchangedRange(unit.items);
    const taken = range ? await this.takeOver(range.start, range.end) : false;
    for (const item of unit.items) await this.addSmall(item, taken);
    const rest = this.chunker.flush();
    if (rest) await this.queue.put(rest);
  }

  async finish(): Promise<CapturedStream> {
    await this.queue.flush();
    await this.putEntries(this.entries.flush());
    await this.options.manifest.startStream("entries");
    await this.options.manifest.add(await Promise.all(this.entryKeys));
    return { sizeBytes: this.entries.payloadBytes, entryCount: this.entries.entryCount };
  }

  /** Takes over the records of unchanged content; false when these bytes are no whole records. */
  private async takeOver(start: number, end: number): Promise<boolean> {
    const pieces = await this.options.previous?.payload.take(start, end);
    if (!pieces) return false;
    for await (const keys of pieces) await this.queue.take(keys);
    this.count(end - start);
    this.options.counters.takenBytes += end - start;
    return true;
  }

  private async addSmall(item: Item, taken: boolean): Promise<void> {
    if (hasContent(item) && !taken) return this.addContent(item);
    if (item.stat.isSocket()) return this.skip(item, "is a socket, which has no content to keep");
    if (item.firstName !== null && this.missing.has(item.firstName))
      return this.skip(item, `is another name of ${toText(item.firstName)}, which could not be read`);
    if (!item.stat.isSymbolicLink()) return this.addEntry(item, { sizeBytes: Number(item.stat.size) });
    const target = await this.orSkip(item, () => this.ahead.linkTarget(item));
    if (target !== null) await this.addEntry(item, { target, sizeBytes: 0 });
  }

  private async addContent(item: Item): Promise<void> {
    try {
      const content = await this.orSkip(item, () => this.ahead.content(item));
      if (!content) return;
      for (const record of this.chunker.push(content.bytes)) await this.queue.put(record);
      if (content.torn) this.options.skipped.add(item.path, TORN);
      await this.addEntry({ ...item, stat: content.stat }, { sizeBytes: content.bytes.length });
      this.count(content.bytes.length);
    } finally {
      this.ahead.release(item);
    }
  }

  private async addLarge(item: Item): Promise<void> {
    const start = item.unchanged?.offset;
    const sizeBytes = Number(item.stat.size);
    if (start !== undefined && (await this.takeOver(start, start + sizeBytes)))
      return this.addEntry(item, { sizeBytes });
    const path = systemPath(this.options.root, item.path);
    const file = await this.orSkip(item, () => this.options.source.open(path, item.stat));
    if (!file) return;
    try {
      await this.readLarge(item, file);
    } finally {
      await file.close();
    }
  }

  private async readLarge(item: Item, file: OpenFile): Promise<void> {
    const before = await this.orSkip(item, () => statOfFile(file));
    if (!before) return;
    const { bytes, error } = await this.readContent(file, Number(before.size), isSparse(before));
    if (error && bytes === 0) return this.skip(item, reasonOf(error));
    const after = await file.stat().catch(() => null);
    if (error) this.options.skipped.add(item.path, `${reasonOf(error)} behind byte ${bytes}: the copy ends there`);
    else if (bytes !== Number(before.size) || !after || !sameState(before, after))
      this.options.skipped.add(item.path, TORN);
    await this.addEntry({ ...item, stat: before }, { sizeBytes: bytes });
  }

  /** What could be read is in the payload when it resolves; a read error ends the content there. */
  private async readContent(file: OpenFile, sizeBytes: number, sparse: boolean): Promise<ReadContent> {
    const cutter = new LargeFileCutter(this.queue, this.chunker, sparse);
    const pieces = filePieces(file, sizeBytes);
    const content: ReadContent = { bytes: 0, error: null };
    for (;;) {
      const piece = await pieces.next().catch((error: unknown) => {
        assertAboutFile(error);
        content.error = error;
        return { done: true as const, value: undefined };
      });
      if (piece.done) break;
      this.options.signal.throwIfAborted();
      await cutter.push(piece.value);
      content.bytes += piece.value.length;
      this.count(piece.value.length);
    }
    await cutter.end();
    return content;
  }

  /** The result of a look at a file, or null when it is on the skipped list instead. */
  private async orSkip<T>(item: Item, look: () => Promise<T>): Promise<T | null> {
    try {
      return await look();
    } catch (error) {
      assertAboutFile(error);
      this.skip(item, reasonOf(error));
      return null;
    }
  }

  private async addEntry(item: Item, content: { sizeBytes: number; target?: string }): Promise<void> {
    if (item.path === "") this.rootDevice.device = item.stat.dev;
    const entry: Entry = toEntry(item, content, this.rootDevice.device);
    await this.putEntries(this.entries.add(entry));
    this.options.counters.filesDone++;
  }

  private async putEntries(record: ReturnType<EntriesWriter["flush"]>): Promise<void> {
    if (!record) return;
    const aux = BigInt(record.payloadOffset);
    const key = this.options.writer.put(record.plain).then((put) => ({ ...put, aux }));
    key.catch(() => undefined);
    this.entryKeys.push(key);
    await key;
  }

  private skip(item: Item, reason: string): void {
    this.options.skipped.add(item.path, reason);
    if (item.stat.nlink > 1n && item.firstName === null) this.missing.add(item.path);
  }

  private count(bytes: number): void {
    this.options.counters.bytesDone += bytes;
  }
}

async function statOfFile(file: OpenFile): Promise<FileStat> {
  const stat = await file.stat();
  if (!stat.isFile()) throw new ChangedFile();
  return stat;
}
