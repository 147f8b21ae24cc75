import "server-only";
import { withTransaction } from "@/lib/db/transaction";
import type { Counters } from "@/lib/engine/capture/counters";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";
import { isRetryable, notFound, TwincoreError, toTwincoreError } from "@/lib/errors";
import type { SeedDrive } from "@/prisma/generated/client";
import { DriveFolder } from "./drive-folder";
import { exportPoint } from "./export-point";
import { checkWritten, DriveFull, DriveSpace } from "./export-space";
import { finishFolder } from "./finish-folder";

/** Points whose rows are read at once. */
const POINTS_PER_READ = 200;

export interface DriveWork {
  readonly driveId: string;
  readonly counters: Counters;
  readonly signal: AbortSignal;
}

/**
 * Source: writes the points of a drive that are not written yet, oldest first, until all are on it or its folder is full; answers
 * in words which. What an interrupted run finished is checked and kept. A point that cannot be read is left out, and said so.
 */
export async function exportSeedDrive(ctx: EngineContext, work: DriveWork): Promise<string> {
  const drive = await ctx.db.prisma.seedDrive.findUnique({ where: { id: work.driveId } });
  if (drive?.state !== "exporting") return "nothing left to write";
  const folder = new DriveFolder(drive.paths.at(-1) ?? "", { recipient: drive.recipient });
  work.counters.phase = "checking what is written";
  await checkWritten(ctx, drive, folder);
  work.counters.bytesTotal = await logicalBytes(ctx, drive.id);
  work.counters.phase = "writing recovery points";
  const isLast = await writePoints(ctx, drive, folder, work);
  work.counters.phase = "signing";
  await finishFolder(ctx, drive, folder, isLast);
  return isLast ? "done" : "the drive is full; the rest waits for the next folder";
}

/** Answers whether all points are written. */
async function writePoints(
  ctx: EngineContext,
  drive: SeedDrive,
  folder: DriveFolder,
  work: DriveWork,
): Promise<boolean> {
  const space = await DriveSpace.measure(ctx, drive, folder);
  try {
    for await (const point of waitingPoints(ctx, drive.id)) {
      work.signal.throwIfAborted();
      await tryPoint(ctx, { drive, folder, space, ...work }, point);
    }
    return true;
  } catch (thrown) {
    const isFull = thrown instanceof DriveFull || (thrown instanceof TwincoreError && thrown.code === "storage_full");
    if (!isFull) throw thrown;
    if (space.isEmpty)
      throw new TwincoreError(
        "conflict",
        `Nothing fits into ${folder.path}. Free space on that drive or take a larger one.`,
      );
    return false;
  }
}

interface PointWork extends DriveWork {
  readonly drive: SeedDrive;
  readonly folder: DriveFolder;
  readonly space: DriveSpace;
}

/** A point that is gone or damaged here must not keep the others back. */
async function tryPoint(ctx: EngineContext, work: PointWork, pointId: string): Promise<void> {
  try {
    await exportPoint(ctx, work, pointId);
  } catch (thrown) {
    const error = toTwincoreError(thrown);
    if (work.signal.aborted || thrown instanceof DriveFull || isRetryable(error)) throw thrown;
    ctx.log.error({ drive: work.driveId, point: pointId, err: thrown }, "a recovery point could not be exported");
    await notePoint(ctx, work.driveId, pointId, error);
  }
}

async function notePoint(ctx: EngineContext, driveId: string, pointId: string, error: TwincoreError): Promise<void> {
  const { code } = error;
  const failureMessage = `A recovery point was left out: ${error.message} Replication will send it.`;
  await withTransaction(ctx.db, async (tx) => {
    await tx.seedDrivePoint.update({
      where: { seedDriveId_recoveryPointId: { seedDriveId: driveId, recoveryPointId: pointId } },
      data: { state: "failed", message: error.message },
    });
    await tx.seedDrive.update({ where: { id: driveId }, data: { failureCode: code, failureMessage } });
    await emitEvent(tx, "seed-drive", driveId);
  });
}

/** In the order of their capture; those that were removed since come first. */
async function* waitingPoints(ctx: EngineContext, driveId: string): AsyncGenerator<string> {
  for (let after = ""; ; ) {
    const { rows } = await ctx.db.pool.query<{ id: string; key: string }>(
      `select d.recovery_point_id as id, coalesce(to_char(p.created_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS'), '') || d.recovery_point_id as key
       from seed_drive_point d left join recovery_point p on p.id = d.recovery_point_id
       where d.seed_drive_id = $1 and d.state = 'waiting'
         and coalesce(to_char(p.created_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS'), '') || d.recovery_point_id > $2
       order by key limit $3`,
      [driveId, after, POINTS_PER_READ],
    );
    for (const { id } of rows) yield id;
    if (rows.length < POINTS_PER_READ) return;
    after = rows.at(-1)?.key ?? after;
  }
}

/** Bytes of the images of all points that are still to be written. */
async function logicalBytes(ctx: EngineContext, driveId: string): Promise<number> {
  const { rows } = await ctx.db.pool.query<{ bytes: string }>(
    `select coalesce(sum(i.size_bytes), 0)::text as bytes from seed_drive_point d
     join volume_image i on i.recovery_point_id = d.recovery_point_id where d.seed_drive_id = $1`,
    [driveId],
  );
  if (!rows[0]) throw notFound("seed drive");
  return Number(rows[0].bytes);
}
