import { link, lstat, rename, unlink } from "node:fs/promises";
import { systemCode } from "@/lib/errors";

/** File systems that know no hard links answer with one of these. */
const NO_LINKS = new Set(["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK"]);

/** Gives a file its final name, unless that name is taken (EEXIST). A link refuses atomically, which a rename cannot. */
export async function linkOnce(temporary: string, target: string): Promise<void> {
  try {
    await link(temporary, target);
  } catch (error) {
    if (!NO_LINKS.has(systemCode(error) ?? "")) throw error;
    return renameOnce(temporary, target);
  }
  await unlink(temporary);
}

/** Without hard links two writers of one key could both win; keys of large objects hold a random id, so there are none. */
async function renameOnce(temporary: string, target: string): Promise<void> {
  const taken = await lstat(target).then(
    () => true,
    () => false,
  );
  if (taken) throw Object.assign(new Error(`exists: ${target}`), { code: "EEXIST" });
  await rename(temporary, target);
}
