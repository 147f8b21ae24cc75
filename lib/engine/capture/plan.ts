import { type BytePath, pathHash } from "@/lib/engine/folder-images/path";
import type { Unchanged } from "./previous";
import type { WalkedFile } from "./walk";

/** From this size on a file has records of its own; smaller ones share them. */
export const LARGE_BYTES_MIN = 256 * 1024;
/** One path in so many begins a new run: with files of a few KiB, one record of a few hundred KiB. */
const BORDER_ODDS = 64;
/** A run this long without a border has odds of 1 in 10 million: the bound is for trees made to be so. */
const RUN_ITEMS_MAX = 1024;

/** A file of the walk with what is known before anything is read. */
export interface Item extends WalkedFile {
  unchanged: Unchanged | null;
  /** First name of the same file, when this is a further one. */
  firstName: BytePath | null;
}

/** Consecutive entries whose small files share records, or one large file. */
export type Unit = { kind: "run"; items: Item[] } | { kind: "large"; item: Item };

/** Does it have content of its own? */
export const hasContent = (item: Item): boolean => item.stat.isFile() && item.firstName === null && item.stat.size > 0n;

const isLarge = (item: Item): boolean => hasContent(item) && item.stat.size >= LARGE_BYTES_MIN;

/**
 * Cuts the walk into units. Borders depend on paths and on large files, never on positions: what comes or goes changes the
 * run it is in, and no other.
 */
export class Planner {
  private run: Item[] = [];

  /** The units that end before or with this item. */
  push(item: Item): Unit[] {
    if (isLarge(item)) return [...this.flush(), { kind: "large", item }];
    const border = pathHash(item.path) % BORDER_ODDS === 0 || this.run.length >= RUN_ITEMS_MAX;
    const ended = border ? this.flush() : [];
    this.run.push(item);
    return ended;
  }

  flush(): Unit[] {
    if (this.run.length === 0) return [];
    const items = this.run;
    this.run = [];
    return [{ kind: "run", items }];
  }
}

/** Where the contents of a run lie in the previous payload, or null when they changed or were not one piece. */
export function unchangedRange(items: readonly Item[]): { start: number; end: number } | null {
  let start: number | null = null;
  let end = 0;
  for (const item of items) {
    if (!hasContent(item)) continue;
    if (!item.unchanged) return null;
    start ??= item.unchanged.offset;
    if (end !== 0 && item.unchanged.offset !== end) return null;
    end = item.unchanged.offset + Number(item.stat.size);
  }
  return start === null ? null : { start, end };
}
