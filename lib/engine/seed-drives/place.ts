import "server-only";
import { lstat, mkdir, readdir, realpath, stat } from "node:fs/promises";
import path from "node:path";
import type { RecordContext } from "@/lib/engine/records/connection";
import { conflict, invalidInput, systemCode } from "@/lib/errors";

/** Files by which the home of a core is known. */
const HOME_MARKS = ["secret.key", "runtime.json"];
const FOLDER_NAME = /^twincore-seed-[0-9a-f-]{8,36}-\d{1,5}$/;
/** Names looked at in a folder that the person gave. */
const NAMES_MAX = 10_000;

export const folderName = (driveId: string, position: number): string =>
  `twincore-seed-${driveId.slice(-12)}-${position}`;

/**
 * The folder that a person named, free of links: it exists, and lies in no repository and in no core's home. Throws
 * `invalid_input`. Named before its drive is mounted, it would fill the disk of the machine: so it is never made here.
 */
export async function checkFolder(ctx: Pick<RecordContext, "db">, folder: string): Promise<string> {
  if (!path.isAbsolute(folder) || folder.includes("\0"))
    throw invalidInput("The folder must be an absolute path, such as /mnt/usb-drive.");
  const place = await realpath(folder).catch(() => null);
  if (!place || !(await stat(place)).isDirectory())
    throw invalidInput(`The folder ${folder} does not exist or cannot be entered by this core. Is the drive mounted?`);
  await assertOutsideRepositories(ctx, place);
  for (let at = place; ; at = path.dirname(at)) {
    for (const mark of HOME_MARKS)
      if (await exists(path.join(at, mark)))
        throw invalidInput(`${place} lies in the home of a core. Name another folder.`);
    if (at === path.dirname(at)) return place;
  }
}

/** Makes the folder of one position of a drive in the folder that a person named. Throws `conflict` when it is there. */
export async function makeDriveFolder(place: string, driveId: string, position: number): Promise<string> {
  const folder = path.join(place, folderName(driveId, position));
  try {
    await mkdir(folder, { mode: 0o700 });
  } catch (error) {
    const code = systemCode(error) ?? "";
    if (code === "EEXIST") throw conflict(`${folder} exists already. Name another folder or remove it.`);
    if (["EACCES", "EPERM", "EROFS"].includes(code))
      throw invalidInput(`This core's user may not write to ${place}. Mount it writable, or name another folder.`);
    throw error;
  }
  return folder;
}

/** The drive's folder itself, whether a person named it or the folder around it. Throws `invalid_input`. */
export async function findDriveFolder(ctx: Pick<RecordContext, "db">, folder: string): Promise<string> {
  const place = await checkFolder(ctx, folder);
  const names = (await readdir(place)).slice(0, NAMES_MAX);
  if (names.includes(MANIFEST_NAME) || names.includes(`${MANIFEST_NAME}.age`)) return place;
  const found = names.filter((name) => FOLDER_NAME.test(name));
  if (found.length > 1)
    throw invalidInput(
      `${place} holds several seed drives (${found.slice(0, 5).join(", ")}). Name the folder of one of them.`,
    );
  const inside = found[0] && path.join(place, found[0]);
  if (!inside || !(await lstat(inside)).isDirectory()) {
    if (FOLDER_NAME.test(path.basename(place))) throw unfinished(place);
    throw invalidInput(`There is no seed drive in ${place}. Name the folder that was chosen for the export.`);
  }
  const files = await readdir(inside);
  if (!files.includes(MANIFEST_NAME) && !files.includes(`${MANIFEST_NAME}.age`)) throw unfinished(inside);
  return inside;
}

/** The signed manifest of a folder: written last, so a folder without it is not finished. */
export const MANIFEST_NAME = "seed-drive.json";

const unfinished = (folder: string) =>
  invalidInput(`The export to ${folder} was not finished: its manifest is missing. Let the source finish it first.`);

async function assertOutsideRepositories(ctx: Pick<RecordContext, "db">, place: string): Promise<void> {
  for (const repository of await ctx.db.prisma.repository.findMany({ select: { path: true, name: true } })) {
    const root = await realpath(repository.path).catch(() => repository.path);
    if (place === root || place.startsWith(`${root}/`))
      throw invalidInput(`${place} lies in the repository "${repository.name}". Name another folder.`);
  }
}

const exists = (file: string): Promise<boolean> =>
  lstat(file).then(
    () => true,
    () => false,
  );
