import "server-only";
import { constants } from "node:fs";
import fs from "node:fs/promises";
import { type BytePath, type Entry, parentPath, toSystemPath, toText } from "@/lib/engine/folder-images";
import { integrity, systemCode } from "@/lib/errors";
import { toFileTime } from "./times";
import { IS_ROOT, WrittenFile } from "./written-file";

const CREATE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
const FOLDER = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;
/** Makes the files of one restore below its root. Follows no link, and overwrites nothing but what a killed run of it left. */
export class FileTarget {
  constructor(
    private readonly root: string,
    private readonly resumed: boolean,
  ) {}

  async makeFolder(path: BytePath): Promise<void> {
    if (path === "") return;
    try {
      await fs.mkdir(this.at(path), 0o700);
    } catch (error) {
      if (!this.resumed || systemCode(error) !== "EEXIST") throw error;
      if (!(await fs.lstat(this.at(path))).isDirectory()) throw error;
      // The killed run may have taken the rights to it away already.
      await fs.chmod(this.at(path), 0o700);
    }
  }

  /** Writes a file and gives it its owner, mode and times. */
  async makeFile(entry: Entry, content: AsyncIterable<Buffer> | Iterable<Buffer>): Promise<void> {
    const file = await this.replacing(entry.path, () => WrittenFile.open(this.bytesAt(entry.path), CREATE));
    try {
      let position = 0;
      for await (const piece of content) {
        if (entry.sparse) await file.writeSparse(piece, position);
        else await file.write(piece, position);
        position += piece.length;
      }
      if (entry.sparse) await file.truncate(entry.sizeBytes);
      await file.giveAttributes(entry);
    } finally {
      await file.close();
    }
  }

  /** Throws `integrity` when the first name is no file of this restore. */
  async makeHardLink(entry: Entry, first: BytePath): Promise<void> {
    await this.assertOwnFile(first);
    await this.replacing(entry.path, () => fs.link(this.at(first), this.at(entry.path)));
  }

  async makeLink(entry: Entry): Promise<void> {
    const target = toSystemPath(entry.target ?? "");
    await this.replacing(entry.path, () => fs.symlink(target, this.at(entry.path)));
    await this.giveAttributesByPath(entry);
  }

  /** For what cannot be opened: links, pipes, devices. */
  async giveAttributesByPath(entry: Entry): Promise<void> {
    const path = this.at(entry.path);
    if (IS_ROOT) await fs.lchown(path, entry.uid, entry.gid);
    if (entry.type !== "link") await fs.chmod(path, entry.mode);
    const time = toFileTime(entry.mtimeNs);
    await fs.lutimes(path, time, time);
  }

  /** Last of all, because everything made in a folder changes its time. */
  async endFolder(entry: Entry): Promise<void> {
    const folder = await WrittenFile.open(this.bytesAt(entry.path), FOLDER);
    try {
      await folder.giveAttributes(entry);
    } finally {
      await folder.close();
    }
  }

  /** The path for a system call. */
  at(path: BytePath): string | Buffer {
    return toSystemPath(this.bytesAt(path));
  }

  private bytesAt(path: BytePath): string {
    return path === "" ? this.root : `${this.root}/${path}`;
  }

  async replacing<T>(path: BytePath, make: () => Promise<T>): Promise<T> {
    try {
      return await make();
    } catch (error) {
      if (!this.resumed || systemCode(error) !== "EEXIST") throw error;
      await fs.unlink(this.at(path));
      return make();
    }
  }

  /** A link that a killed run made might lead from here to a file outside. */
  private async assertOwnFile(path: BytePath): Promise<void> {
    for (let folder = parentPath(path); folder !== ""; folder = parentPath(folder))
      if (!(await fs.lstat(this.at(folder)).catch(() => null))?.isDirectory()) throw noFile(path);
    if (!(await fs.lstat(this.at(path)).catch(() => null))?.isFile()) throw noFile(path);
  }
}

const noFile = (path: BytePath) => integrity(`The image holds a hard link to ${toText(path)}, which is no file of it.`);
