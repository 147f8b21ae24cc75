import "server-only";
import { withTransaction } from "@/lib/db/transaction";
import type { EngineContext } from "@/lib/engine/context";
import { PACK_BYTES_MAX } from "@/lib/engine/packs/format";
import { RECORD_BYTES_MAX } from "@/lib/engine/records/frame";
import type { SeedDrive } from "@/prisma/generated/client";
import type { DriveFolder } from "./drive-folder";
import { FILES_MAX } from "./manifest";

/** For the manifest and the words beside it: so much, and so much for each file that it lists. */
const RESERVE_BYTES = 1024 * 1024;
const RESERVE_PER_FILE_BYTES = 512;
/** A file of records is at most a quarter of a folder with a limit, so that little of it stays empty. */
const FILES_PER_LIMIT = 4;

/** The folder takes no more; the rest goes into the next one. */
export class DriveFull extends Error {
  override readonly name = "DriveFull";
}

/** How much the folder that is being written may still take. */
export class DriveSpace {
  private constructor(
    private readonly folder: DriveFolder,
    private readonly limitBytes: number,
    private files: number,
    private bytes: number,
  ) {}

  static async measure(ctx: EngineContext, drive: SeedDrive, folder: DriveFolder): Promise<DriveSpace> {
    const { _count, _sum } = await ctx.db.prisma.seedDriveFile.aggregate({
      where: { seedDriveId: drive.id, position: drive.paths.length },
      _count: true,
      _sum: { sizeBytes: true },
    });
    const limitBytes = drive.limitBytes === null ? Number.POSITIVE_INFINITY : Number(drive.limitBytes);
    return new DriveSpace(folder, limitBytes, _count, Number(_sum.sizeBytes ?? 0n));
  }

  get isEmpty(): boolean {
    return this.files === 0;
  }

  /** Most bytes of one file of records before it is encrypted. */
  get fileBytesMax(): number {
    return Math.min(PACK_BYTES_MAX, Math.max(this.limitBytes / FILES_PER_LIMIT, RECORD_BYTES_MAX));
  }

  /** Bytes of content that fit now. Asks the disk. */
  async room(): Promise<number> {
    if (this.files >= FILES_MAX) return 0;
    const reserve = RESERVE_BYTES + this.files * RESERVE_PER_FILE_BYTES;
    const { freeBytes } = await this.folder.storage.space();
    const left = Math.min(this.limitBytes - this.bytes, freeBytes) - reserve;
    const overhead = this.folder.sizeOnDrive(Math.max(0, left)) - Math.max(0, left);
    return Math.max(0, left - overhead);
  }

  took(sizeBytes: number): void {
    this.files++;
    this.bytes += sizeBytes;
  }
}

/**
 * Before an interrupted export goes on: are the files of its last folder there, with their sizes? Those that are not are
 * forgotten, so that what they held is written anew. Throws `unavailable` when the folder itself is not there.
 */
export async function checkWritten(ctx: EngineContext, drive: SeedDrive, folder: DriveFolder): Promise<void> {
  const { prisma } = ctx.db;
  const position = drive.paths.length;
  await folder.storage.space();
  const listed = await prisma.seedDriveFile.findMany({
    where: { seedDriveId: drive.id, position },
    select: { name: true, number: true, sizeBytes: true, recoveryPointId: true },
  });
  const lost: typeof listed = [];
  for (const file of listed) if ((await folder.storage.size(file.name)) !== Number(file.sizeBytes)) lost.push(file);
  if (lost.length === 0) return;
  ctx.log.warn({ drive: drive.id, files: lost.length }, "files of a seed drive are gone; they are written anew");
  const pointIds = [...new Set(lost.flatMap(({ recoveryPointId }) => recoveryPointId ?? []))];
  await withTransaction(ctx.db, async (tx) => {
    const where = { seedDriveId: drive.id };
    await tx.seedDriveRecord.deleteMany({ where: { ...where, fileNumber: { in: lost.map(({ number }) => number) } } });
    await tx.seedDriveFile.deleteMany({ where: { ...where, name: { in: lost.map(({ name }) => name) } } });
    await tx.seedDrivePoint.updateMany({
      where: { ...where, recoveryPointId: { in: pointIds }, state: "done" },
      data: { state: "waiting" },
    });
    const pointsDone = await tx.seedDrivePoint.count({ where: { ...where, state: "done" } });
    const left = await tx.seedDriveFile.aggregate({ where, _sum: { sizeBytes: true, recordCount: true } });
    const bytes = left._sum.sizeBytes ?? 0n;
    const records = BigInt(left._sum.recordCount ?? 0);
    await tx.seedDrive.update({
      where: { id: drive.id },
      data: { pointsDone, bytesDone: bytes, bytesTotal: bytes, recordsDone: records, recordsTotal: records },
    });
  });
}
