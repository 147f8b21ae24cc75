import type { BytePath } from "@/lib/engine/folder-images/path";
import type { FileStat } from "./file-source";

/** About 150 bytes each: the most that a capture keeps of files with several names. */
const FILES_MAX = 1_000_000;

/** Remembers which files with several names came by, until all of their names did. */
export class HardLinks {
  private readonly files = new Map<string, { path: BytePath; namesLeft: number }>();
  /** Names that became files of their own because too many files had several. */
  overflow = 0;

  /** The first path of the same file, or null when this is the first. */
  firstName(path: BytePath, stat: FileStat): BytePath | null {
    if (stat.nlink < 2n) return null;
    const key = `${stat.dev}:${stat.ino}`;
    const known = this.files.get(key);
    if (known) {
      known.namesLeft--;
      if (known.namesLeft === 0) this.files.delete(key);
      return known.path;
    }
    if (this.files.size >= FILES_MAX) this.overflow++;
    else this.files.set(key, { path, namesLeft: Number(stat.nlink) - 1 });
    return null;
  }
}
