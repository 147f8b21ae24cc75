import "server-only";
import { randomUUID } from "node:crypto";
import { constants } from "node:fs";
import { type FileHandle, open, rename, statfs, unlink } from "node:fs/promises";
import path from "node:path";
import { conflict, integrity } from "@/lib/errors";
import type { ObjectWriter, StorageBackend } from "./backend";
import { fsError } from "./fs-errors";
import { Folders } from "./fs-folders";
import { linkOnce } from "./fs-link";
import { listFolder } from "./fs-list";
import { assertKey, assertPrefix } from "./keys";

/** Large enough that the cost of a call does not show, small enough that ten readers do not. */
const PIECE_BYTES = 1024 * 1024;
const READ = constants.O_RDONLY | constants.O_NOFOLLOW;
const CREATE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

/**
 * A backend on a local folder, which must exist. Writes go to `tmp/` in it, are flushed, get their name, and the name is
 * flushed. Files are 0600, folders 0700. Nothing happens before the first call.
 */
export function openFileStorage(rootPath: string): StorageBackend {
  return new FileStorage(path.resolve(rootPath));
}

class FileStorage implements StorageBackend {
  private readonly folders: Folders;

  constructor(private readonly root: string) {
    this.folders = new Folders(root);
  }

  async put(key: string, body: Uint8Array): Promise<void> {
    const writer = await this.begin(key, (from, to) => rename(from, to));
    try {
      await writer.write(body);
      await writer.commit();
    } catch (error) {
      await writer.abort();
      throw error;
    }
  }

  create(key: string): Promise<ObjectWriter> {
    return this.begin(key, linkOnce);
  }

  private async begin(key: string, publish: Publish): Promise<FileWriter> {
    assertKey(key);
    const at = `write ${key}`;
    return guarded(at, async () => {
      const temporary = path.join(await this.folders.temporary(), `${this.folders.prefix}${randomUUID()}`);
      const handle = await open(temporary, CREATE, 0o600);
      return new FileWriter(this.folders, key, temporary, handle, publish);
    });
  }

  read(key: string, offset: number, length: number, into?: Buffer): Promise<Buffer> {
    return this.withFile(key, async (handle) => {
      const bytes = into?.length === length ? into : Buffer.allocUnsafeSlow(length);
      if ((await readFully(handle, bytes, offset)) < length)
        throw integrity(`An object of the repository is shorter than expected (${key}).`);
      return bytes;
    });
  }

  async *stream(key: string, offset = 0, end = Number.POSITIVE_INFINITY): AsyncIterable<Buffer> {
    const handle = await this.openForRead(key);
    try {
      for (let at = offset; at < end; ) {
        const bytes = Buffer.allocUnsafeSlow(Math.min(PIECE_BYTES, end - at));
        const count = await guarded(`read ${key}`, () => readFully(handle, bytes, at));
        if (count > 0) yield bytes.subarray(0, count);
        if (count < bytes.length) return;
        at += count;
      }
    } finally {
      await handle.close();
    }
  }

  async size(key: string): Promise<number | null> {
    try {
      return await this.withFile(key, async (handle) => (await handle.stat()).size);
    } catch (error) {
      if (isMissing(error)) return null;
      throw error;
    }
  }

  async *list(prefix: string): AsyncIterable<{ key: string; sizeBytes: number }> {
    assertPrefix(prefix);
    await guarded("list", () => this.folders.assertRoot());
    yield* listFolder(this.root, prefix);
  }

  async delete(key: string): Promise<void> {
    assertKey(key);
    await guarded(`delete ${key}`, async () => {
      await this.folders.assertRoot();
      try {
        const folder = await this.folders.existing(key);
        await unlink(path.join(folder, path.basename(key)));
        await this.folders.flush(folder);
      } catch (error) {
        if (!isMissing(error)) throw error;
      }
    });
  }

  async space(): Promise<{ freeBytes: number; totalBytes: number }> {
    const found = await guarded("ask for free space", async () => {
      await this.folders.assertRoot();
      return statfs(this.root);
    });
    return { freeBytes: found.bavail * found.bsize, totalBytes: found.blocks * found.bsize };
  }

  private async withFile<T>(key: string, use: (handle: FileHandle) => Promise<T>): Promise<T> {
    const handle = await this.openForRead(key);
    try {
      return await guarded(`read ${key}`, () => use(handle));
    } finally {
      await handle.close();
    }
  }

  private async openForRead(key: string): Promise<FileHandle> {
    assertKey(key);
    return guarded(`read ${key}`, async () => {
      try {
        return await open(path.join(await this.folders.existing(key), path.basename(key)), READ);
      } catch (error) {
        // A disk that is not mounted must not look like an object that does not exist.
        if (isMissing(error)) await this.folders.assertRoot();
        throw error;
      }
    });
  }
}

type Publish = (temporary: string, target: string) => Promise<void>;

class FileWriter implements ObjectWriter {
  private position = 0;
  private state: "open" | "committed" | "aborted" = "open";

  constructor(
    private readonly folders: Folders,
    private readonly key: string,
    private readonly temporary: string,
    private readonly handle: FileHandle,
    private readonly publish: Publish,
  ) {}

  async write(bytes: Uint8Array): Promise<void> {
    if (this.state !== "open") throw conflict("This object is finished; nothing can be added to it.");
    await guarded(`write ${this.key}`, async () => {
      for (let at = 0; at < bytes.length; ) {
        const { bytesWritten } = await this.handle.write(bytes, at, bytes.length - at, this.position);
        at += bytesWritten;
        this.position += bytesWritten;
      }
    });
  }

  /** Content first, then the name, then the folder that holds the name: each is durable before the next begins. */
  async commit(): Promise<void> {
    if (this.state !== "open") throw conflict("This object is finished already.");
    await guarded(`write ${this.key}`, async () => {
      await this.handle.datasync();
      await this.folders.assertRoot();
      const folder = await this.folders.made(this.key);
      await this.publish(this.temporary, path.join(folder, path.basename(this.key)));
      this.state = "committed";
      await this.handle.close();
      await this.folders.flush(folder);
    });
  }

  async abort(): Promise<void> {
    if (this.state !== "open") return;
    this.state = "aborted";
    await this.handle.close().catch(() => undefined);
    await unlink(this.temporary).catch(() => undefined);
  }
}

/** Fills `bytes` from the file as far as it reaches; answers how many it got. */
async function readFully(handle: FileHandle, bytes: Buffer, position: number): Promise<number> {
  let at = 0;
  while (at < bytes.length) {
    const { bytesRead } = await handle.read(bytes, at, bytes.length - at, position + at);
    if (bytesRead === 0) break;
    at += bytesRead;
  }
  return at;
}

async function guarded<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw fsError(error, what);
  }
}

function isMissing(error: unknown): boolean {
  return fsError(error, "").code === "not_found";
}
