import { integrity } from "@/lib/errors";
import type { Entry } from "./entry";
import { type BytePath, comparePaths, isInside, parentPath, toText } from "./path";

/**
 * Watches a whole entries stream go by and refuses what could lead a restore or a tar out of its place: an entry out of
 * order or twice, one whose parent is not a folder of this image (a link, a file, nothing), a hard link to what did not
 * come before. Holds the folders on the way down only.
 */
export class EntryGuard {
  private last: BytePath | null = null;
  private readonly folders: BytePath[] = [];

  /** Throws `integrity`. Answers the folders that ended before this entry, deepest first. */
  pass(entry: Entry): BytePath[] {
    const { path } = entry;
    if (this.last === null ? path !== "" : comparePaths(this.last, path) >= 0)
      throw integrity(`The entries of the image are out of order at ${toText(path)}.`);
    this.last = path;
    const ended = this.leave(path);
    if (path !== "" && this.folders.at(-1) !== parentPath(path))
      throw integrity(`The image holds ${toText(path)}, whose parent is no folder of the image.`);
    if (entry.link !== undefined && comparePaths(entry.link, path) >= 0)
      throw integrity(`The image holds a hard link to something that does not come before it: ${toText(path)}`);
    if (entry.type === "folder") this.folders.push(path);
    return ended;
  }

  /** The folders that are still open at the end, deepest first. */
  end(): BytePath[] {
    return this.folders.splice(0).reverse();
  }

  private leave(path: BytePath): BytePath[] {
    const ended: BytePath[] = [];
    for (let top = this.folders.at(-1); top !== undefined && !isInside(path, top); top = this.folders.at(-1)) {
      ended.push(top);
      this.folders.pop();
    }
    return ended;
  }
}
