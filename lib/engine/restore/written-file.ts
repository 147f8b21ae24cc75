import "server-only";
import fs from "node:fs";
import { isZero } from "@/lib/engine/chunking";
import { type Entry, toSystemPath } from "@/lib/engine/folder-images";
import { call } from "@/lib/engine/folder-images/system-call";
import { toFileTime } from "./times";

/** The block of common file systems: smaller runs of zeros cannot become holes. */
const BLOCK_BYTES = 4096;
/** Owners can only be given away by root. */
export const IS_ROOT = process.geteuid?.() === 0;

/** A file or folder of a restore, open. */
export class WrittenFile {
  private constructor(private readonly descriptor: number) {}

  /** `path` as bytes. Throws the system's error. */
  static async open(path: string, flags: number, mode = 0o600): Promise<WrittenFile> {
    return new WrittenFile(await call<number>((done) => fs.open(toSystemPath(path), flags, mode, done)));
  }

  async write(bytes: Buffer, position: number): Promise<void> {
    for (let at = 0; at < bytes.length; )
      at += await call<number>((done) => fs.write(this.descriptor, bytes, at, bytes.length - at, position + at, done));
  }

  /** Leaves out whole blocks of zeros; the caller sets the length of the file at the end. */
  async writeSparse(bytes: Buffer, position: number): Promise<void> {
    const blockEnd = (at: number) => Math.min(bytes.length, at + BLOCK_BYTES - ((position + at) % BLOCK_BYTES));
    for (let at = 0; at < bytes.length; ) {
      const zero = isZero(bytes.subarray(at, blockEnd(at)));
      const start = at;
      do at = blockEnd(at);
      while (at < bytes.length && isZero(bytes.subarray(at, blockEnd(at))) === zero);
      if (!zero) await this.write(bytes.subarray(start, at), position + start);
    }
  }

  truncate(sizeBytes: number): Promise<void> {
    return call((done) => fs.ftruncate(this.descriptor, sizeBytes, done));
  }

  sync(): Promise<void> {
    return call((done) => fs.fsync(this.descriptor, done));
  }

  /** The owner first: giving a file away takes its set-user-id bit. */
  async giveAttributes(entry: Entry): Promise<void> {
    if (IS_ROOT) await call<void>((done) => fs.fchown(this.descriptor, entry.uid, entry.gid, done));
    await call<void>((done) => fs.fchmod(this.descriptor, entry.mode, done));
    const time = toFileTime(entry.mtimeNs);
    await call<void>((done) => fs.futimes(this.descriptor, time, time, done));
  }

  close(): Promise<void> {
    return call((done) => fs.close(this.descriptor, done));
  }
}
