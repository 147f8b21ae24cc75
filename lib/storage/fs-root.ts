import "server-only";
import { constants } from "node:fs";
import { access, mkdir, open, readdir, realpath, stat } from "node:fs/promises";
import path from "node:path";
import { conflict, invalidInput, systemCode } from "@/lib/errors";
import { fsError } from "./fs-errors";

/** What a fresh file system has in its root by itself. */
const HARMLESS = new Set(["lost+found"]);

/**
 * Makes the folder of a new storage (0700), or takes an empty one; answers its real path. Throws `conflict` for a folder that
 * holds anything, `invalid_input` for a path that can hold no folder. `markFile` names the file by which a storage is known.
 */
export async function makeRootFolder(folder: string, markFile: string): Promise<string> {
  try {
    const made = await mkdir(folder, { recursive: true, mode: 0o700 });
    if (made) await flushFolder(path.dirname(made));
    const real = await realpath(folder);
    await assertEmpty(real, markFile);
    await access(real, constants.W_OK | constants.X_OK);
    return real;
  } catch (error) {
    const code = systemCode(error) ?? "";
    if (["EEXIST", "ENOTDIR", "ENAMETOOLONG", "ELOOP", "EINVAL"].includes(code))
      throw invalidInput(`${folder} cannot be a folder: something else lies in its way.`, code);
    throw fsError(error, `make ${folder}`);
  }
}

/**
 * The real path of a folder that is there and may be written to. Throws `invalid_input` when there is none, `unavailable` when this
 * core may not use it.
 */
export async function findRootFolder(folder: string): Promise<string> {
  try {
    const real = await realpath(folder);
    if (!(await stat(real)).isDirectory()) throw invalidInput(`${folder} is no folder.`);
    await access(real, constants.W_OK | constants.X_OK);
    return real;
  } catch (error) {
    if (["ENOENT", "ENOTDIR", "ENAMETOOLONG", "ELOOP", "EINVAL"].includes(systemCode(error) ?? ""))
      throw invalidInput(`There is no folder ${folder} on this core's machine.`);
    throw fsError(error, `open ${folder}`);
  }
}

async function assertEmpty(folder: string, markFile: string): Promise<void> {
  const names = await readdir(folder);
  if (names.includes(markFile))
    throw conflict(
      `${folder} is a repository already. Attach it as it is; or, if it is empty and no core uses it (a creation was interrupted), remove ${markFile} there and try again.`,
    );
  // An interrupted creation leaves an empty "tmp" behind.
  const left = names.includes("tmp") ? await readdir(path.join(folder, "tmp")) : [];
  if (left.length > 0 || names.some((name) => name !== "tmp" && !HARMLESS.has(name)))
    throw conflict(`${folder} is not empty. A repository needs a folder of its own.`);
}

async function flushFolder(folder: string): Promise<void> {
  const handle = await open(folder, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
