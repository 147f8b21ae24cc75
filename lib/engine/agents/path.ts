import "server-only";
import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import path from "node:path";
import { invalidInput, systemCode } from "@/lib/errors";
import type { VolumeInput } from "./schemas";

/** Throws `invalid_input` when this core cannot capture the volume's path now: relative, missing, unreadable, of the wrong kind. */
export async function assertVolumePath(volume: VolumeInput): Promise<void> {
  if (volume.kind === "stream") return;
  if (!path.isAbsolute(volume.path)) throw invalidInput(`The path ${volume.path} is not absolute. Begin it with "/".`);
  const found = await stat(volume.path).catch((error: unknown) => {
    throw invalidInput(`${volume.path} ${reasonOf(error)}`);
  });
  if (volume.kind === "folder" && !found.isDirectory()) throw invalidInput(`${volume.path} is not a folder.`);
  if (volume.kind === "image" && !found.isFile() && !found.isBlockDevice())
    throw invalidInput(`${volume.path} is neither a file nor a block device.`);
  await access(volume.path, constants.R_OK).catch((error: unknown) => {
    throw invalidInput(`${volume.path} ${reasonOf(error)}`);
  });
}

function reasonOf(error: unknown): string {
  const code = systemCode(error);
  if (code === "ENOENT" || code === "ENOTDIR") return "does not exist on this core's machine.";
  if (code === "EACCES" || code === "EPERM") return "cannot be read by the account this core runs as.";
  return "cannot be looked at on this core's machine.";
}
