import "server-only";
import fs, { type BigIntStats, constants } from "node:fs";
import { toSystemPath } from "@/lib/engine/folder-images/path";
import { call } from "@/lib/engine/folder-images/system-call";

/** What a capture needs to know of a file; nanoseconds and inodes do not fit into a number. */
export type FileStat = Pick<
  BigIntStats,
  | "dev"
  | "ino"
  | "mode"
  | "nlink"
  | "uid"
  | "gid"
  | "rdev"
  | "size"
  | "blocks"
  | "mtimeNs"
  | "ctimeNs"
  | "isFile"
  | "isDirectory"
  | "isSymbolicLink"
  | "isFIFO"
  | "isSocket"
  | "isCharacterDevice"
  | "isBlockDevice"
>;

/**
 * Where a capture reads files. Paths and names are byte strings ("latin1", one character per byte), paths absolute.
 * Errors are the system's, with their `code`. An implementation must not follow a symbolic link in the last component.
 */
export interface FileSource {
  /** Names in a folder, without "." and "..", in any order. */
  list(path: string): Promise<string[]>;
  /** Of the link itself when it is one. */
  stat(path: string): Promise<FileStat>;
  readLink(path: string): Promise<string>;
  /** The magic number of the file system that `path` lies on. */
  fileSystemType(path: string): Promise<number>;
  /** Opens for reading; never waits for a writer of a pipe. `stat` is what was seen before, a hint only. */
  open(path: string, stat?: FileStat): Promise<OpenFile>;
}

export interface OpenFile {
  stat(): Promise<FileStat>;
  /** Reads up to `target.length` bytes at `position`; fewer only at the end. */
  read(target: Buffer, position: number): Promise<number>;
  close(): Promise<void>;
}

const READ = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
const userId = process.geteuid?.() ?? -1;

/** The machine's own files. */
export const systemFiles: FileSource = {
  list: (path) =>
    call((done) => fs.readdir(toSystemPath(path), { encoding: "latin1" }, (error, names) => done(error, names))),
  stat: (path) => call((done) => fs.lstat(toSystemPath(path), { bigint: true }, done)),
  readLink: (path) => call((done) => fs.readlink(toSystemPath(path), { encoding: "latin1" }, done)),
  fileSystemType: (path) => call((done) => fs.statfs(toSystemPath(path), (error, stats) => done(error, stats?.type))),
  open: async (path, stat) => new SystemFile(await openQuietly(path, stat)),
};

/** O_NOATIME leaves the access time as it was; only root and the owner may ask for it. */
async function openQuietly(path: string, stat?: FileStat): Promise<number> {
  const may = userId === 0 || (stat !== undefined && Number(stat.uid) === userId);
  const open = (flags: number) => call<number>((done) => fs.open(toSystemPath(path), flags, done));
  if (!may) return open(READ);
  return open(READ | constants.O_NOATIME).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "EPERM") return open(READ);
    throw error;
  });
}

class SystemFile implements OpenFile {
  constructor(private readonly descriptor: number) {}

  stat(): Promise<FileStat> {
    return call((done) => fs.fstat(this.descriptor, { bigint: true }, done));
  }

  async read(target: Buffer, position: number): Promise<number> {
    let length = 0;
    while (length < target.length) {
      const count = await call<number>((done) =>
        fs.read(this.descriptor, target, length, target.length - length, position + length, done),
      );
      if (count === 0) break;
      length += count;
    }
    return length;
  }

  close(): Promise<void> {
    return call((done) => fs.close(this.descriptor, (error) => done(error, undefined)));
  }
}
