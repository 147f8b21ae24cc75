import { randomUUID } from "node:crypto";
import { constants } from "node:fs";
import { mkdir, open, readdir, realpath, stat, unlink } from "node:fs/promises";
import path from "node:path";
import { systemCode, TwincoreError } from "@/lib/errors";

/** Unfinished writes of a process that died; no write that is still alive pauses for so long. */
const STALE_AFTER_MS = 24 * 60 * 60 * 1000;
/** 256 folders each of packs and manifests, for some dozens of tenants; beyond that, folders are looked at again. */
const KNOWN_FOLDERS_MAX = 20_000;
/** Leftovers looked at when a storage opens; the rest waits for the next start. */
const STALE_FILES_MAX = 10_000;

/** How `prefix` and the name behind it look: nothing else in the folder is ours to remove. */
const UNFINISHED = /^\d+-[0-9a-f]{8}-[0-9a-z-]+$/;

/** The folders of one file storage: made durably, and never one that a symbolic link leads elsewhere. */
export class Folders {
  /** Names of this process's unfinished writes begin so. */
  readonly prefix = `${process.pid}-${randomUUID().slice(0, 8)}-`;
  private readonly known = new Set<string>();
  private identity: Promise<{ real: string; device: number; inode: number }> | null = null;
  private temporaryReady: Promise<string> | null = null;

  constructor(private readonly root: string) {}

  /** The folder for unfinished writes, cleaned once of what dead processes left there. */
  temporary(): Promise<string> {
    this.temporaryReady ??= this.prepareTemporary().catch((error) => {
      this.temporaryReady = null;
      throw error;
    });
    return this.temporaryReady;
  }

  /** The folder of a key, made if it is missing; each new name in it is durable when this resolves. */
  async made(key: string): Promise<string> {
    const { real } = await this.opened();
    let folder = real;
    for (const segment of key.split("/").slice(0, -1)) {
      const parent = folder;
      folder = path.join(parent, segment);
      if (this.known.has(folder)) continue;
      await makeFolder(folder);
      // Also when another process made it: that process may not have come to its own flush yet.
      await this.flush(parent);
      await this.remember(folder);
    }
    return folder;
  }

  /** The folder of a key that should exist. Throws ENOENT when it does not. */
  async existing(key: string): Promise<string> {
    const { real } = await this.opened();
    const folder = path.join(real, path.dirname(key));
    if (folder !== real && !this.known.has(folder)) await this.remember(folder);
    return folder;
  }

  async flush(folder: string): Promise<void> {
    const handle = await open(folder, constants.O_RDONLY | constants.O_DIRECTORY);
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  }

  /** Throws `unavailable` when the root is gone, or is another folder than at first: its disk is not mounted any more. */
  async assertRoot(): Promise<void> {
    const first = await this.opened();
    const now = await this.look();
    if (now.device === first.device && now.inode === first.inode) return;
    throw unavailable(this.root);
  }

  private opened(): Promise<{ real: string; device: number; inode: number }> {
    this.identity ??= this.look().catch((error) => {
      this.identity = null;
      throw error;
    });
    return this.identity;
  }

  private async look(): Promise<{ real: string; device: number; inode: number }> {
    try {
      const real = await realpath(this.root);
      const found = await stat(real);
      if (found.isDirectory()) return { real, device: found.dev, inode: found.ino };
    } catch (error) {
      throw unavailable(this.root, error);
    }
    throw unavailable(this.root);
  }

  private async remember(folder: string): Promise<void> {
    if ((await realpath(folder)) !== folder)
      throw new TwincoreError(
        "integrity",
        `A symbolic link lies in the folder of the repository (${folder}). Remove it.`,
      );
    if (this.known.size >= KNOWN_FOLDERS_MAX) this.known.clear();
    this.known.add(folder);
  }

  private async prepareTemporary(): Promise<string> {
    const { real } = await this.opened();
    const folder = path.join(real, "tmp");
    await makeFolder(folder);
    await this.flush(real);
    await this.remember(folder);
    await this.removeStale(folder);
    return folder;
  }

  /** By the clock of the file system itself, which is the one that stamped the files: a fresh file tells its time. */
  private async removeStale(folder: string): Promise<void> {
    const probe = path.join(folder, `${this.prefix}clock`);
    await (await open(probe, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600)).close();
    const now = (await stat(probe)).mtimeMs;
    await unlink(probe);
    for (const name of (await readdir(folder)).slice(0, STALE_FILES_MAX)) {
      if (name.startsWith(this.prefix) || !UNFINISHED.test(name)) continue;
      const file = path.join(folder, name);
      const found = await stat(file).catch(() => null);
      if (found?.isFile() && now - found.mtimeMs > STALE_AFTER_MS) await unlink(file).catch(() => undefined);
    }
  }
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { mode: 0o700 });
  } catch (error) {
    if (systemCode(error) !== "EEXIST") throw error;
  }
}

function unavailable(root: string, cause?: unknown): TwincoreError {
  const message = `The folder of the repository (${root}) is not there, or is not the one it was. Is its disk mounted?`;
  return new TwincoreError("unavailable", message, { cause });
}
