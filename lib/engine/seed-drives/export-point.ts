import "server-only";
import { withTransaction } from "@/lib/db/transaction";
import type { Counters } from "@/lib/engine/capture/counters";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";
import { domainOf } from "@/lib/engine/image-sessions/find";
import { openManifest } from "@/lib/engine/manifests";
import { manifestKey } from "@/lib/engine/manifests/format";
import { PACK_RECORDS_MAX } from "@/lib/engine/packs/format";
import { SkippedFile } from "@/lib/engine/recovery-points/schemas";
import type { Domain } from "@/lib/engine/repositories/open";
import { notFound } from "@/lib/errors";
import type { Prisma, SeedDrive } from "@/prisma/generated/client";
import type { DriveFolder, WrittenFile } from "./drive-folder";
import { recordsToWrite } from "./export-records";
import { DriveFull, type DriveSpace } from "./export-space";
import type { DriveFile } from "./manifest";
import { encodePoint } from "./point-document";

const withImages = { images: { include: { volume: true } } } satisfies Prisma.RecoveryPointInclude;
type Point = Prisma.RecoveryPointGetPayload<{ include: typeof withImages }>;

export interface PointWork {
  readonly drive: SeedDrive;
  readonly folder: DriveFolder;
  readonly space: DriveSpace;
  readonly counters: Counters;
  readonly signal: AbortSignal;
}

/**
 * Writes one recovery point: the records that this drive does not carry yet, then the manifests of its images, then its document:
 * a folder that holds a document holds all before it, or an earlier folder does. Throws DriveFull when it does not fit.
 */
export async function exportPoint(ctx: EngineContext, work: PointWork, pointId: string): Promise<void> {
  const point = await ctx.db.prisma.recoveryPoint.findUnique({ where: { id: pointId }, include: withImages });
  if (!point) throw notFound("recovery point any more");
  const domain = await domainOf(ctx, point.agentId);
  await writeRecords(ctx, work, point, domain);
  await writeManifests(ctx, work, point, domain);
  const document = encodePoint(toDeclaration(point));
  const name = `points/${point.id}.json${work.folder.suffix}`;
  // Written before a file of records was lost with its drive: only that one was to be written anew.
  if (await isListed(ctx, work.drive.id, name)) return markDone(ctx, work.drive.id, point.id);
  if ((await work.space.room()) < document.length) throw new DriveFull();
  const written = await work.folder.write(name, one(document));
  await note(ctx, work, { ...fileOf(point), name, kind: "point" }, written, { isPointDone: true });
}

async function writeRecords(ctx: EngineContext, work: PointWork, point: Point, domain: Domain): Promise<void> {
  const { drive, folder, space, counters, signal } = work;
  const records = recordsToWrite(
    ctx,
    { driveId: drive.id, agentId: point.agentId, domain, counters, signal },
    point.images,
  );
  try {
    for (let next = await records.next(); !next.done; ) {
      const room = Math.min(await space.room(), space.fileBytesMax);
      if (next.value.frame.length > room) throw new DriveFull();
      const number = await nextNumber(ctx, drive.id);
      const name = `records/${String(number).padStart(8, "0")}.records${folder.suffix}`;
      const digests: Buffer[] = [];
      const content = async function* () {
        for (let bytes = 0; !next.done; next = await records.next()) {
          const { frame, digest } = next.value;
          bytes += frame.length;
          if (bytes > room || digests.length >= PACK_RECORDS_MAX) return;
          digests.push(digest);
          yield frame;
        }
      };
      const written = await folder.write(name, content());
      const file = { ...fileOf(point), name, kind: "records" as const, number, recordCount: digests.length };
      await note(ctx, work, file, written, { digests });
    }
  } finally {
    await records.return(undefined);
  }
}

async function writeManifests(ctx: EngineContext, work: PointWork, point: Point, domain: Domain): Promise<void> {
  const { folder, space, signal } = work;
  for (const image of point.images) {
    signal.throwIfAborted();
    const name = `manifests/${image.id}.manifest${folder.suffix}`;
    if (await isListed(ctx, work.drive.id, name)) continue;
    await openManifest(domain, image.id);
    const key = manifestKey(domain.prefix, image.id);
    const sizeBytes = await domain.storage.size(key);
    if (sizeBytes === null) throw notFound("manifest of this image");
    if ((await space.room()) < sizeBytes) throw new DriveFull();
    const written = await folder.write(name, domain.storage.stream(key));
    await note(ctx, work, { ...fileOf(point), name, kind: "manifest", imageId: image.id }, written);
  }
}

async function isListed(ctx: EngineContext, seedDriveId: string, name: string): Promise<boolean> {
  const where = { seedDriveId_name: { seedDriveId, name } };
  return (await ctx.db.prisma.seedDriveFile.findUnique({ where, select: { name: true } })) !== null;
}

async function markDone(ctx: EngineContext, seedDriveId: string, recoveryPointId: string): Promise<void> {
  await withTransaction(ctx.db, async (tx) => {
    const where = { seedDriveId_recoveryPointId: { seedDriveId, recoveryPointId } };
    await tx.seedDrivePoint.update({ where, data: { state: "done", message: null } });
    await tx.seedDrive.update({ where: { id: seedDriveId }, data: { pointsDone: { increment: 1 } } });
    await emitEvent(tx, "seed-drive", seedDriveId);
  });
}

type NewFile = Pick<DriveFile, "name" | "kind" | "agentId" | "recoveryPointId"> &
  Partial<Pick<DriveFile, "imageId" | "number" | "recordCount">>;

const fileOf = (point: Point) => ({ agentId: point.agentId, recoveryPointId: point.id });

/** The file is durable on the drive: now the row says so, and that its records need not be written again. */
async function note(
  ctx: EngineContext,
  { drive, space }: PointWork,
  file: NewFile,
  written: WrittenFile,
  more: { digests?: Buffer[]; isPointDone?: boolean } = {},
): Promise<void> {
  const number = file.number ?? (await nextNumber(ctx, drive.id));
  const { sizeBytes, sha256 } = written;
  await withTransaction(ctx.db, async (tx) => {
    await tx.seedDriveFile.create({
      data: {
        ...file,
        seedDriveId: drive.id,
        number,
        position: drive.paths.length,
        sizeBytes: BigInt(sizeBytes),
        sha256: new Uint8Array(sha256),
      },
    });
    const digests = more.digests ?? [];
    if (digests.length > 0)
      await tx.$executeRaw`
        insert into seed_drive_record (seed_drive_id, agent_id, digest, file_number)
        select ${drive.id}::uuid, ${file.agentId}::uuid, substring(${new Uint8Array(Buffer.concat(digests))}::bytea from i * 32 + 1 for 32), ${number}
        from generate_series(0, ${digests.length - 1}) as i
        on conflict do nothing`;
    if (more.isPointDone)
      await tx.seedDrivePoint.update({
        where: { seedDriveId_recoveryPointId: { seedDriveId: drive.id, recoveryPointId: file.recoveryPointId } },
        data: { state: "done", message: null },
      });
    await tx.seedDrive.update({
      where: { id: drive.id },
      data: {
        bytesDone: { increment: sizeBytes },
        bytesTotal: { increment: sizeBytes },
        recordsDone: { increment: digests.length },
        recordsTotal: { increment: digests.length },
        pointsDone: { increment: more.isPointDone ? 1 : 0 },
      },
    });
    await emitEvent(tx, "seed-drive", drive.id);
  });
  space.took(sizeBytes);
}

/** Only one task writes a drive at a time. */
async function nextNumber(ctx: EngineContext, driveId: string): Promise<number> {
  const last = await ctx.db.prisma.seedDriveFile.aggregate({ where: { seedDriveId: driveId }, _max: { number: true } });
  return (last._max.number ?? 0) + 1;
}

/** The whole point, as replication declares it. */
function toDeclaration(point: Point) {
  return {
    recoveryPointId: point.id,
    agentId: point.agentId,
    epochNumber: Number(point.sequence),
    utcCreatedTimestamp: point.createdAt.toISOString(),
    logicalBytes: Number(point.logicalBytes),
    skippedCount: point.skippedCount,
    skipped: SkippedFile.array().catch([]).parse(point.skipped),
    images: point.images.map((image) => ({
      id: image.id,
      volumeId: image.volumeId,
      volumeDisplayName: image.volume.name,
      volumeKind: image.kind,
      size: Number(image.sizeBytes),
      entryCount: image.entryCount,
      recordCount: image.recordCount,
      headerHash: Buffer.from(image.manifestDigest).toString("hex"),
    })),
  };
}

async function* one(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
