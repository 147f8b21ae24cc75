import "server-only";
import { withTransaction } from "@/lib/db/transaction";
import { writeAudit } from "@/lib/engine/audit";
import type { EngineContext } from "@/lib/engine/context";
import { conflict, invalidInput, notFound } from "@/lib/errors";
import { createTask, enqueueTask, lockDrive } from "./begin-task";
import { getSeedDrive } from "./list";
import { checkFolder, makeDriveFolder } from "./place";
import type { ContinueSeedDriveInput, SeedDriveSummary } from "./schemas";

/**
 * Source: goes on with an export, in the next folder when the drive before is full, in the last one when it was interrupted.
 * Throws `conflict` for a drive that is finished or given up, or whose export goes on.
 */
export async function continueSeedDrive(ctx: EngineContext, input: ContinueSeedDriveInput): Promise<SeedDriveSummary> {
  const found = await ctx.db.prisma.seedDrive.findUnique({ where: { id: input.id } });
  if (found?.side !== "source") throw notFound("seed drive that is written here");
  if (found.state !== "waiting" && found.state !== "exporting")
    throw conflict(`This seed drive is ${found.state}; there is nothing left to write.`);
  if (found.state === "waiting" && input.folder === undefined)
    throw invalidInput("The drive is full. Name the folder of the next one.");
  if (found.state === "exporting" && input.folder !== undefined)
    throw invalidInput("The last folder is not full yet: continue without naming another one.");
  const position = found.paths.length + 1;
  const folder =
    input.folder === undefined ? null : await makeDriveFolder(await checkFolder(ctx, input.folder), found.id, position);
  const taskId = await withTransaction(ctx.db, async (tx) => {
    const drive = await lockDrive(tx, found.id);
    if (drive.state !== found.state || drive.paths.length !== found.paths.length)
      throw conflict("Somebody else changed this seed drive just now. Look at it again.");
    await tx.seedDrive.update({
      where: { id: drive.id },
      data: {
        state: "exporting",
        paths: folder === null ? drive.paths : [...drive.paths, folder],
        failureCode: null,
        failureMessage: null,
      },
    });
    await writeAudit(tx, ctx, "seed-drive.continue", drive.id, folder === null ? {} : { folder });
    return createTask(tx, ctx, drive.id, "export_seed_drive", {});
  });
  await enqueueTask(ctx, taskId);
  return getSeedDrive(ctx, { id: found.id });
}
