import type { Dirent } from "node:fs";
import { lstat, readdir } from "node:fs/promises";
import path from "node:path";
import { systemCode } from "@/lib/errors";
import { fsError } from "./fs-errors";
import { compareKeys } from "./keys";

/**
 * Objects below `root` whose key starts with `prefix`, in byte order of keys. One folder at a time is in memory.
 * Only regular files count: what else lies there was not written by us.
 */
export async function* listFolder(root: string, prefix: string): AsyncIterable<{ key: string; sizeBytes: number }> {
  const cut = prefix.lastIndexOf("/") + 1;
  yield* walk(root, prefix.slice(0, cut), prefix);
}

async function* walk(
  root: string,
  folderKey: string,
  prefix: string,
): AsyncIterable<{ key: string; sizeBytes: number }> {
  for (const entry of await sortedEntries(path.join(root, folderKey))) {
    const key = folderKey + entry.name;
    const matches = entry.folder
      ? `${key}/`.startsWith(prefix) || prefix.startsWith(`${key}/`)
      : key.startsWith(prefix);
    if (!matches || key === "tmp") continue;
    if (entry.folder) {
      yield* walk(root, `${key}/`, prefix);
      continue;
    }
    const sizeBytes = await sizeOf(path.join(root, key));
    if (sizeBytes !== null) yield { key, sizeBytes };
  }
}

/** In the order of keys: a folder sorts as its name with the "/" that follows it in every key below. */
async function sortedEntries(folder: string): Promise<{ name: string; folder: boolean }[]> {
  const entries = await readEntries(folder);
  return entries
    .filter((entry) => entry.isFile() || entry.isDirectory())
    .map((entry) => ({ name: entry.name, folder: entry.isDirectory() }))
    .sort((a, b) => compareKeys(a.folder ? `${a.name}/` : a.name, b.folder ? `${b.name}/` : b.name));
}

async function readEntries(folder: string): Promise<Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    if (fsError(error, "list").code === "not_found") return [];
    throw fsError(error, `list ${folder}`);
  }
}

/** null when it was removed since its folder was read. */
async function sizeOf(file: string): Promise<number | null> {
  try {
    return (await lstat(file)).size;
  } catch (error) {
    if (systemCode(error) === "ENOENT") return null;
    throw fsError(error, `list ${file}`);
  }
}
