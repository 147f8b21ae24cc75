import "server-only";
import { Slots } from "@/lib/engine/records/slots";
import type { FileSource } from "./file-source";
import { hasContent, type Item, type Unit, unchangedRange } from "./plan";
import { readSmall, type SmallContent } from "./read-small";
import { systemPath } from "./walk";

/** Contents of small files read ahead of their turn. */
const AHEAD_BYTES = 8 * 1024 * 1024;
const AHEAD_FILES = 128;
/** Items planned ahead of the one in turn. */
const AHEAD_ITEMS = 1024;

/** Starts the reads of small files before their turn, so that the disk and both cores have something to do. */
export class ReadAhead {
  private readonly bytes = new Slots(AHEAD_BYTES);
  private readonly files = new Slots(AHEAD_FILES);
  private readonly reads = new Map<Item, Promise<SmallContent>>();
  private readonly links = new Map<Item, Promise<string>>();
  private ended = false;

  constructor(
    private readonly source: FileSource,
    private readonly root: string,
  ) {}

  /** The units in order, those to come started. */
  async *units(source: AsyncIterable<Unit>): AsyncGenerator<Unit> {
    const queue: Unit[] = [];
    let items = 0;
    try {
      for await (const unit of source) {
        queue.push(unit);
        items += this.start(unit);
        while (items > AHEAD_ITEMS) {
          const first = queue.shift();
          if (!first) break;
          items -= sizeOf(first);
          yield first;
        }
      }
      for (const unit of queue) yield unit;
    } finally {
      this.ended = true;
    }
  }

  /**
   * The content of a small file. Throws the system's error; `release` must follow either way. What was not begun before is
   * read beside the bounds: waiting behind later files, which wait for this one, would never end.
   */
  content(item: Item): Promise<SmallContent> {
    return this.reads.get(item) ?? readSmall(this.source, systemPath(this.root, item.path), item.stat);
  }

  linkTarget(item: Item): Promise<string> {
    const started = this.links.get(item);
    this.links.delete(item);
    return started ?? this.source.readLink(systemPath(this.root, item.path));
  }

  /** Its content is used up. */
  release(item: Item): void {
    if (!this.reads.delete(item)) return;
    this.bytes.release(Number(item.stat.size));
    this.files.release(1);
  }

  private start(unit: Unit): number {
    if (unit.kind === "run") {
      // What will most likely be taken over is not read in advance.
      const reading = unchangedRange(unit.items) === null;
      for (const item of unit.items) {
        if (item.stat.isSymbolicLink()) this.startLink(item);
        else if (reading && hasContent(item)) this.startRead(item);
      }
    }
    return sizeOf(unit);
  }

  private startLink(item: Item): void {
    const target = this.source.readLink(systemPath(this.root, item.path));
    target.catch(() => undefined);
    this.links.set(item, target);
  }

  private startRead(item: Item): void {
    const content = this.readInTurn(item);
    content.catch(() => undefined);
    this.reads.set(item, content);
  }

  private async readInTurn(item: Item): Promise<SmallContent> {
    await this.files.acquire(1);
    await this.bytes.acquire(Number(item.stat.size));
    if (this.ended) throw new Error("the capture ended");
    return readSmall(this.source, systemPath(this.root, item.path), item.stat);
  }
}

const sizeOf = (unit: Unit): number => (unit.kind === "run" ? unit.items.length : 1);
