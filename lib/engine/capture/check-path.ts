import "server-only";
import { constants } from "node:fs";
import { access, realpath, stat } from "node:fs/promises";
import path from "node:path";
import type { RecordContext } from "@/lib/engine/records/connection";
import { invalidInput, systemCode } from "@/lib/errors";

/** Throws `invalid_input` that says why a folder, disk image or device cannot be captured. Nothing has begun then. */
export async function assertReadable(
  ctx: Pick<RecordContext, "db">,
  volume: { kind: "folder" | "image"; path: string },
): Promise<void> {
  const { kind } = volume;
  if (!path.isAbsolute(volume.path) || volume.path.includes("\0"))
    throw invalidInput(`The path "${volume.path}" is not absolute. Write it from the root, such as /home/me.`);
  const found = await stat(volume.path).catch((error: unknown) => {
    throw invalidInput(`${volume.path} ${whyNot(error)}.`);
  });
  if (kind === "folder" && !found.isDirectory()) throw invalidInput(`${volume.path} is no folder.`);
  if (kind === "image" && !found.isFile() && !found.isBlockDevice())
    throw invalidInput(`${volume.path} is neither a file nor a block device.`);
  const right = kind === "folder" ? constants.R_OK | constants.X_OK : constants.R_OK;
  await access(volume.path, right).catch((error: unknown) => {
    throw invalidInput(`${volume.path} ${whyNot(error)}.`);
  });
  await assertOutsideRepositories(ctx, volume.path);
}

async function assertOutsideRepositories(ctx: Pick<RecordContext, "db">, given: string): Promise<void> {
  const place = await realpath(given);
  for (const repository of await ctx.db.prisma.repository.findMany({ select: { path: true, name: true } })) {
    const root = await realpath(repository.path).catch(() => repository.path);
    if (place === root || place.startsWith(`${root}/`))
      throw invalidInput(`${given} lies in the repository "${repository.name}", which cannot hold a copy of itself.`);
  }
}

function whyNot(error: unknown): string {
  switch (systemCode(error)) {
    case "ENOENT":
    case "ENOTDIR":
      return "does not exist";
    case "EACCES":
    case "EPERM":
      return "may not be read by this core's user";
    default:
      return "cannot be read";
  }
}
