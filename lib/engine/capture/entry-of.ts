import type { Entry, EntryType } from "@/lib/engine/folder-images";
import type { FileStat } from "./file-source";
import type { Item } from "./plan";
import { isSparse } from "./read-large";

/** The entry of a file as it was captured. */
export function toEntry(
  { path, stat, firstName }: Item,
  content: { sizeBytes: number; target?: string },
  rootDevice: bigint | null,
): Entry {
  const type = firstName === null ? typeOf(stat) : "hardlink";
  const entry: Entry = {
    path,
    type,
    mode: Number(stat.mode) & 0o7777,
    uid: Number(stat.uid),
    gid: Number(stat.gid),
    mtimeNs: stat.mtimeNs,
    ctimeNs: stat.ctimeNs,
    inode: stat.ino,
    sizeBytes: type === "file" ? content.sizeBytes : 0,
  };
  if (rootDevice !== null && stat.dev !== rootDevice) entry.device = stat.dev;
  if (type === "file" && isSparse(stat)) entry.sparse = true;
  if (firstName !== null) entry.link = firstName;
  if (content.target !== undefined) entry.target = content.target;
  if (type === "char" || type === "block") entry.number = stat.rdev;
  return entry;
}

function typeOf(stat: FileStat): EntryType {
  if (stat.isFile()) return "file";
  if (stat.isDirectory()) return "folder";
  if (stat.isSymbolicLink()) return "link";
  if (stat.isFIFO()) return "fifo";
  return stat.isBlockDevice() ? "block" : "char";
}
