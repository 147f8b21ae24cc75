import "server-only";
import { isOurs, parseKey } from "./file-keys";
import type { SyncWork } from "./work";

/** Between two looks at whether it is to stop. */
const FILES_PER_STEP = 1000;

/** Counts what there is to look at, so that percent means something, and names what does not belong into a repository. */
export async function countFiles({ ctx, repository, progress }: SyncWork): Promise<void> {
  let [files, bytes, seen] = [0, 0, 0];
  for await (const { key, sizeBytes } of repository.storage.list("")) {
    const file = parseKey(key);
    if (file && file.kind !== "manifest") files++;
    if (file?.kind === "pack") bytes += sizeBytes;
    if (!file && !isOurs(key)) progress.problem(key, "Twincore did not make this file. It was left as it is.");
    if (++seen % FILES_PER_STEP === 0) await progress.step({});
  }
  const points = await ctx.db.prisma.recoveryPoint.count({ where: { repositoryId: repository.id } });
  progress.filesTotal = files + points;
  progress.bytesTotal = bytes;
  await progress.enter("packs", {});
}
