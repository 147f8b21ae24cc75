import "server-only";
import type { FileSource, FileStat, OpenFile } from "./file-source";

/** A file that is written to all the time is kept as it was at the last of so many tries. */
const TRIES = 3;
/** A small file that grew beyond this while it was captured is left for the next capture. */
const GROWN_BYTES_MAX = 4 * 1024 * 1024;

/** A small file as it was read. */
export interface SmallContent {
  bytes: Buffer;
  /** As it was before it was read. */
  stat: FileStat;
  /** It changed during every try. */
  torn: boolean;
}

/** The whole content of a small file, read again when it changed meanwhile. Throws the system's error. */
export async function readSmall(source: FileSource, path: string, seen: FileStat): Promise<SmallContent> {
  const file = await source.open(path, seen);
  try {
    let before = seen;
    for (let attempt = 1; ; attempt++) {
      const bytes = await readAll(file, before);
      const after = await file.stat();
      const torn = !sameState(before, after) || bytes.length !== Number(before.size);
      if (!torn || attempt === TRIES) return { bytes, stat: before, torn };
      before = after;
    }
  } finally {
    await file.close();
  }
}

async function readAll(file: OpenFile, stat: FileStat): Promise<Buffer> {
  if (!stat.isFile() || stat.size > GROWN_BYTES_MAX) throw new ChangedFile();
  const bytes = Buffer.allocUnsafeSlow(Number(stat.size));
  return bytes.subarray(0, await file.read(bytes, 0));
}

/** What was a small file is something else now. */
export class ChangedFile extends Error {
  readonly code = "ENXIO";
}

export function sameState(before: FileStat, after: FileStat): boolean {
  return (
    before.ino === after.ino &&
    before.size === after.size &&
    before.mtimeNs === after.mtimeNs &&
    before.ctimeNs === after.ctimeNs
  );
}

export const TORN = "changed while it was read: the copy mixes two moments";
