import "server-only";
import { constants } from "node:fs";
import { unlink } from "node:fs/promises";
import type { Counters } from "@/lib/engine/capture/counters";
import { fromText } from "@/lib/engine/folder-images";
import type { Manifest } from "@/lib/engine/manifests";
import { isHole } from "@/lib/engine/records/key";
import type { RecordReader } from "@/lib/engine/records/read";
import { integrity, invalidInput, systemCode } from "@/lib/errors";
import { linkOnce } from "@/lib/storage/fs-link";
import { WrittenFile } from "./written-file";

/** Writes under way at once; each record is at most 4 MiB. */
const WRITES = 4;
const CREATE = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_NOFOLLOW;

export interface RawRestoreOptions {
  manifest: Manifest;
  reader: RecordReader;
  /** A name that does not exist: from checkDestination. */
  place: string;
  taskId: string;
  counters: Counters;
  signal: AbortSignal;
}

/** Restores a raw image into a file with holes where it has zeros. The file has its name only when it is whole and on the disk. */
export async function restoreRaw(options: RawRestoreOptions): Promise<void> {
  const stream = options.manifest.stream("raw");
  if (!stream) throw integrity("This is no raw image.");
  const unfinished = `${options.place}.twincore-restore-${options.taskId}`;
  const file = await WrittenFile.open(fromText(unfinished), CREATE);
  try {
    await writeRecords(file, options);
    await file.truncate(stream.totalBytes);
    await file.sync();
  } catch (error) {
    await file.close();
    await unlink(unfinished);
    throw error;
  }
  await file.close();
  await linkOnce(unfinished, options.place).catch((error: unknown) => {
    if (systemCode(error) !== "EEXIST") throw error;
    throw invalidInput(`${options.place} was made by somebody else meanwhile. The restored image is ${unfinished}.`);
  });
}

async function writeRecords(
  file: WrittenFile,
  { manifest, reader, counters, signal }: RawRestoreOptions,
): Promise<void> {
  const writing: Promise<void>[] = [];
  let position = 0;
  try {
    for await (const { key, plain } of reader.readMany(manifest.keys("raw"))) {
      signal.throwIfAborted();
      if (!isHole(key)) {
        const write = file.writeSparse(plain, position);
        write.catch(() => undefined);
        writing.push(write);
      }
      position += plain.length;
      if (writing.length >= WRITES) await writing.shift();
      counters.bytesDone = position;
    }
    await Promise.all(writing);
  } finally {
    // The file must not be closed under a write.
    await Promise.allSettled(writing);
  }
}
