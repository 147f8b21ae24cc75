import "server-only";
import { constants } from "node:fs";
import { mkdir, open, rename, rm } from "node:fs/promises";
import path from "node:path";
import type { EngineContext } from "@/lib/engine/context";
import { invalidInput, systemCode, TwincoreError } from "@/lib/errors";

const FOLDER = "volumes";

/** Where this core keeps the disk image of a volume. Throws `internal` in a process that was not told of the core's home. */
export function managedFile(ctx: Pick<EngineContext, "home">, volumeId: string): string {
  if (!ctx.home) throw new TwincoreError("internal", "This process does not know where the core's files are.");
  return path.join(ctx.home, FOLDER, `${volumeId}.img`);
}

/** Makes an empty disk image that takes no room. It is on the disk when this returns. Throws `invalid_input` for a size that the file system refuses. */
export async function makeSparseFile(file: string, sizeBytes: number): Promise<void> {
  const folder = path.dirname(file);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const made = await open(
    file,
    constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW,
    0o600,
  );
  try {
    await made.truncate(sizeBytes);
    await made.sync();
  } catch (error) {
    await rm(file, { force: true });
    if (systemCode(error) === "EFBIG" || systemCode(error) === "EINVAL")
      throw invalidInput(`The file system of this core has no files of ${sizeBytes} bytes. Choose a smaller size.`);
    throw error;
  } finally {
    await made.close();
  }
  await syncFolder(folder);
}

/** The new file has the name from now on, whatever had it before; durable when this returns. */
export async function replaceFile(ready: string, file: string): Promise<void> {
  await rename(ready, file);
  await syncFolder(path.dirname(file));
}

/** Gone, or never there. */
export async function removeFile(file: string): Promise<void> {
  await rm(file, { force: true });
}

/** Of a volume whose row is gone. A process that was not told of the core's home keeps no such files. */
export async function removeManagedFile(ctx: Pick<EngineContext, "home">, volumeId: string): Promise<void> {
  if (ctx.home) await removeFile(managedFile(ctx, volumeId));
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  await handle.sync().finally(() => handle.close());
}
