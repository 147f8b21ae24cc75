import "server-only";
import { type BytePath, joinPath } from "@/lib/engine/folder-images/path";
import type { Excludes } from "./excludes";
import type { FileSource, FileStat } from "./file-source";
import { type ForbiddenPlaces, kernelFileSystem } from "./places";
import type { SkippedList } from "./skipped";

/** Files looked at together: enough to hide the latency of the thread pool, few enough that what was seen is fresh. */
const STAT_AHEAD = 128;
/** Entries handed on at once, because passing them one by one costs more than the work on them. */
const BATCH = 256;

export interface WalkedFile {
  path: BytePath;
  stat: FileStat;
}

export interface WalkOptions {
  source: FileSource;
  /** The captured folder: absolute, as bytes. */
  root: string;
  excludes: Excludes;
  forbidden: ForbiddenPlaces;
  skipped: SkippedList;
}

/** A folder on the way down. Its names are in memory, the only part of a walk that grows with the tree (with its largest folder). */
interface Level {
  path: BytePath;
  device: bigint;
  names: string[];
  next: number;
  ready: WalkedFile[];
  readyNext: number;
}

/**
 * Everything below the root and the root itself, in the order of entries, in batches. What cannot be looked at is put on the
 * skipped list; a folder that cannot be listed is there without its content.
 */
export async function* walk(options: WalkOptions): AsyncGenerator<WalkedFile[]> {
  const rootStat = await options.source.stat(options.root);
  let batch: WalkedFile[] = [{ path: "", stat: rootStat }];
  const levels = await enter(options, { path: "", stat: rootStat }, rootStat.dev);
  for (let level = levels.at(-1); level; level = levels.at(-1)) {
    const file = level.ready[level.readyNext++];
    if (!file) {
      if (!(await lookAhead(options, level))) levels.pop();
      continue;
    }
    batch.push(file);
    if (file.stat.isDirectory()) levels.push(...(await enter(options, file, level.device)));
    if (batch.length >= BATCH) {
      yield batch;
      batch = [];
    }
  }
  if (batch.length > 0) yield batch;
}

export const systemPath = (root: string, path: BytePath): string =>
  path === "" ? root : root === "/" ? `/${path}` : `${root}/${path}`;

/** The next files of a folder, or false at its end. */
async function lookAhead(options: WalkOptions, level: Level): Promise<boolean> {
  if (level.next >= level.names.length) return false;
  const names = level.names.slice(level.next, level.next + STAT_AHEAD);
  level.next += names.length;
  const files = await Promise.all(names.map((name) => look(options, joinPath(level.path, name))));
  level.ready = files.filter((file) => file !== null);
  level.readyNext = 0;
  return true;
}

async function look(options: WalkOptions, path: BytePath): Promise<WalkedFile | null> {
  const { source, root, excludes, skipped } = options;
  try {
    const stat = await source.stat(systemPath(root, path));
    return excludes(path, stat.isDirectory()) ? null : { path, stat };
  } catch (error) {
    // What is left out is not missed, whatever became of it.
    if (!excludes(path, false)) skipped.addError(path, error);
    return null;
  }
}

/** The level of a folder, or nothing when it must stay closed. */
async function enter(options: WalkOptions, folder: WalkedFile, parentDevice: bigint): Promise<Level[]> {
  const { source, root, forbidden, skipped } = options;
  const path = systemPath(root, folder.path);
  try {
    const kernel = folder.stat.dev === parentDevice ? null : await kernelFileSystem(source, path);
    const names = kernel ? [] : await source.list(path);
    const reason = kernel ? `is a file system of the kernel (${kernel})` : forbidden.reason(folder.stat, names);
    if (reason) {
      skipped.add(folder.path, `${reason}: captured without its content`);
      return [];
    }
    return [{ path: folder.path, device: folder.stat.dev, names: names.sort(), next: 0, ready: [], readyNext: 0 }];
  } catch (error) {
    skipped.addError(folder.path, error);
    return [];
  }
}
