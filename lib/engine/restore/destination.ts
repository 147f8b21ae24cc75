import "server-only";
import { lstat, mkdir, open, readdir, readFile, realpath, stat, unlink } from "node:fs/promises";
import path from "node:path";
import type { RecordContext } from "@/lib/engine/records/connection";
import { invalidInput, systemCode } from "@/lib/errors";

/** Lies in a folder while a restore into it is under way, and says so to whoever finds it. */
const MARKER = ".twincore-restore-";

/**
 * The place of a restore, absolute and free of links. A folder image wants a folder that is empty or does not exist, others
 * a name that does not exist; both want the folder around it. Throws `invalid_input`.
 */
export async function checkDestination(
  ctx: Pick<RecordContext, "db">,
  input: { destination: string; kind: "folder" | "image" | "stream"; taskId?: string },
): Promise<string> {
  const place = await resolvePlace(input.destination);
  await assertOutsideRepositories(ctx, place);
  const found = await lstat(place).catch(() => null);
  if (!found) return place;
  if (input.kind !== "folder")
    throw invalidInput(`${place} exists. Name a file that does not exist; nothing is overwritten.`);
  if (!found.isDirectory()) throw invalidInput(`${place} is no folder.`);
  const names = await readdir(place);
  const ownMarker = input.taskId ? MARKER + input.taskId : null;
  if (names.length > 0 && !(ownMarker && names.includes(ownMarker)))
    throw invalidInput(
      `${place} is not empty. Name an empty folder or one that does not exist; nothing is overwritten.`,
    );
  return place;
}

async function resolvePlace(destination: string): Promise<string> {
  if (!path.isAbsolute(destination) || destination.includes("\0"))
    throw invalidInput("The destination must be an absolute path, such as /restore/photos.");
  const wanted = path.resolve(destination);
  if (wanted === "/") throw invalidInput("Restoring over the whole machine is not possible. Name a folder.");
  const existing = await realpath(wanted).catch(() => null);
  if (existing) return existing;
  const parent = await realpath(path.dirname(wanted)).catch(() => null);
  if (!parent || !(await stat(parent)).isDirectory())
    throw invalidInput(`The folder ${path.dirname(wanted)} does not exist or cannot be entered by this core.`);
  return path.join(parent, path.basename(wanted));
}

async function assertOutsideRepositories(ctx: Pick<RecordContext, "db">, place: string): Promise<void> {
  const repositories = await ctx.db.prisma.repository.findMany({ select: { path: true, name: true } });
  for (const repository of repositories) {
    const root = await realpath(repository.path).catch(() => repository.path);
    if (place === root || place.startsWith(`${root}/`))
      throw invalidInput(`${place} lies in the repository "${repository.name}". Restore to another place.`);
  }
}

export interface MarkedFolder {
  /** A killed run of the same restore was here before. */
  resumed: boolean;
  /** Must be called when everything is in place. */
  unmark(): Promise<void>;
}

/** Makes the folder if need be and marks it as being restored into. `place` comes from checkDestination. */
export async function markFolder(place: string, taskId: string): Promise<MarkedFolder> {
  await mkdir(place, { mode: 0o700 }).catch((error: unknown) => {
    if (systemCode(error) !== "EEXIST") throw error;
  });
  const marker = path.join(place, MARKER + taskId);
  const unmark = () => unlink(marker);
  try {
    const handle = await open(marker, "wx", 0o600);
    await handle.writeFile("Twincore is restoring into this folder. If this file stays, the restore did not finish.\n");
    await handle.close();
    return { resumed: false, unmark };
  } catch (error) {
    if (systemCode(error) !== "EEXIST") throw error;
    await readFile(marker);
    return { resumed: true, unmark };
  }
}
