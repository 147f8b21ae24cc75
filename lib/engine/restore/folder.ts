import "server-only";
import type { Counters } from "@/lib/engine/capture/counters";
import type { SkippedList } from "@/lib/engine/capture/skipped";
import { type BytePath, type Entry, type FolderImage, PayloadReader } from "@/lib/engine/folder-images";
import { Slots } from "@/lib/engine/records/slots";
import type { MarkedFolder } from "./destination";
import { FileTarget } from "./file-target";
import { makeSpecial } from "./special";

/** Files up to this size are written several at once; larger ones as they are read. */
const SMALL_BYTES = 1024 * 1024;
const WRITING_BYTES = 16 * 1024 * 1024;
const WRITING_FILES = 32;

export interface FolderRestoreOptions {
  image: FolderImage;
  /** An existing folder, absolute, as bytes. */
  root: string;
  marked: MarkedFolder;
  counters: Counters;
  /** What could not be made as it was. */
  issues: SkippedList;
  signal: AbortSignal;
}

/**
 * Restores a folder image below `root`. First folders, files, hard links and special files: no link exists yet that anything
 * could be written through. Then links, and each folder's own attributes when all in it is done. The guard of the entries
 * refuses every path that leads elsewhere.
 */
export async function restoreFolder(options: FolderRestoreOptions): Promise<void> {
  const target = new FileTarget(options.root, options.marked.resumed);
  const contents = new ContentRestore(options, target);
  try {
    await contents.run();
  } finally {
    await contents.settle();
  }
  options.counters.phase = "restoring attributes";
  await restoreAttributes(options, target);
}

class ContentRestore {
  private readonly payload: PayloadReader;
  private readonly bytes = new Slots(WRITING_BYTES);
  private readonly files = new Slots(WRITING_FILES);
  private readonly writing = new Map<BytePath, Promise<void>>();
  private failure: { error: unknown } | null = null;

  constructor(
    private readonly options: FolderRestoreOptions,
    private readonly target: FileTarget,
  ) {
    this.payload = new PayloadReader(options.image.payload());
  }

  async run(): Promise<void> {
    for await (const batch of this.options.image.guardedRecords()) {
      for (const { entry } of batch) {
        this.options.signal.throwIfAborted();
        this.assertWorking();
        await this.make(entry);
        this.options.counters.filesDone++;
      }
    }
    await Promise.all(this.writing.values());
    this.assertWorking();
  }

  /** Nothing is written any more when it resolves. Never rejects. */
  async settle(): Promise<void> {
    await Promise.all(this.writing.values());
    await this.payload.close();
  }

  private async make(entry: Entry): Promise<void> {
    switch (entry.type) {
      case "folder":
        return this.target.makeFolder(entry.path);
      case "file":
        return entry.sizeBytes <= SMALL_BYTES ? this.makeSmall(entry) : this.makeLarge(entry);
      case "hardlink":
        return this.makeHardLink(entry);
      case "link":
        return;
      default: {
        const reason = await makeSpecial(this.target, entry);
        if (reason) this.options.issues.add(entry.path, reason);
      }
    }
  }

  private async makeSmall(entry: Entry): Promise<void> {
    const content = await this.payload.takeWhole(entry.sizeBytes);
    await this.files.acquire(1);
    await this.bytes.acquire(content.length);
    this.writing.set(entry.path, this.writeSmall(entry, content));
  }

  /** Never rejects: the failure is met by the next entry. */
  private async writeSmall(entry: Entry, content: Buffer): Promise<void> {
    try {
      await this.target.makeFile(entry, content.length > 0 ? [content] : []);
      this.options.counters.bytesDone += content.length;
    } catch (error) {
      this.failure ??= { error };
    } finally {
      this.writing.delete(entry.path);
      this.bytes.release(content.length);
      this.files.release(1);
    }
  }

  private async makeLarge(entry: Entry): Promise<void> {
    await this.target.makeFile(entry, this.counted(this.payload.take(entry.sizeBytes)));
  }

  private async *counted(pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const piece of pieces) {
      this.options.signal.throwIfAborted();
      yield piece;
      this.options.counters.bytesDone += piece.length;
    }
  }

  private async makeHardLink(entry: Entry): Promise<void> {
    const first = entry.link ?? "";
    await this.writing.get(first);
    this.assertWorking();
    await this.target.makeHardLink(entry, first);
  }

  private assertWorking(): void {
    if (this.failure) throw this.failure.error;
  }
}

/** A second time over the entries; folders that are open are held, as deep as the tree is. */
async function restoreAttributes(options: FolderRestoreOptions, target: FileTarget): Promise<void> {
  const open = new Map<BytePath, Entry>();
  const end = async (path: BytePath) => {
    const folder = open.get(path);
    open.delete(path);
    // The mark lies in the root, and taking it away changes the root's time.
    if (path === "") await options.marked.unmark();
    if (folder) await target.endFolder(folder);
  };
  for await (const batch of options.image.guardedRecords()) {
    options.signal.throwIfAborted();
    for (const { entry, ended } of batch) {
      for (const path of ended) await end(path);
      if (entry.type === "link") await target.makeLink(entry);
      if (entry.type === "folder") open.set(entry.path, entry);
    }
  }
  for (const path of [...open.keys()].reverse()) await end(path);
}
