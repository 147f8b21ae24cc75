import "server-only";
import { withTransaction } from "@/lib/db/transaction";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";
import { conflict } from "@/lib/errors";
import { DriveFolder } from "./drive-folder";
import type { DriveWork } from "./export";
import { findIdentity } from "./identity";
import type { DriveManifest } from "./manifest";
import { findDriveFolder } from "./place";
import { commitWaitingPoints, takeDocument, takeManifest } from "./take-points";
import { takeRecords } from "./take-records";
import { takeVolumes } from "./take-volumes";
import { openTrusted } from "./verify";

export interface ConsumeWork extends DriveWork {
  readonly folder: string;
}

/**
 * Target: takes over one folder of a drive, file by file in the order in which they were written: records, manifests, and points,
 * which become true when all their records are here. Files that were taken over before are skipped; what is damaged is left out
 * and named. Answers in words how it went.
 */
export async function consumeDrive(ctx: EngineContext, work: ConsumeWork): Promise<string> {
  const { driveId, counters, signal } = work;
  const folder = new DriveFolder(await findDriveFolder(ctx, work.folder), {
    identity: await findIdentity(ctx, driveId),
  });
  counters.phase = "checking the signature";
  const { manifest, digest, pairingId } = await openTrusted(ctx, folder);
  if (manifest.driveId !== driveId)
    throw conflict("Another seed drive lies in that folder now. Nothing was taken over.");
  await expectBytes(ctx, manifest);
  counters.bytesTotal = manifest.files.reduce((sum, file) => sum + file.sizeBytes, 0);
  const agentIds = await takeVolumes(ctx, manifest, pairingId);
  const taken = await takenNames(ctx, driveId, manifest.position);
  counters.phase = "taking over records";
  for (const file of manifest.files) {
    signal.throwIfAborted();
    if (!taken.has(file.name) && agentIds.has(file.agentId)) {
      const take = { ctx, driveId, position: manifest.position, folder, file, counters, signal };
      if (file.kind === "records") await takeRecords(take);
      else if (file.kind === "manifest") await takeManifest(take);
      else await takeDocument(take);
    } else {
      counters.bytesDone += file.sizeBytes;
      counters.takenBytes += file.sizeBytes;
    }
  }
  counters.phase = "making recovery points true";
  await commitWaitingPoints(ctx, driveId, signal);
  return settle(ctx, manifest, digest, manifest.agents.length - agentIds.size);
}

/** How much the drive is, as far as its folders were seen; said once for each of them. */
async function expectBytes(ctx: EngineContext, manifest: DriveManifest): Promise<void> {
  const drive = await ctx.db.prisma.seedDrive.findUniqueOrThrow({ where: { id: manifest.driveId } });
  if (drive.positionsDone.includes(manifest.position)) return;
  const others = await ctx.db.prisma.seedDriveFile.aggregate({
    where: { seedDriveId: drive.id, position: { not: manifest.position } },
    _sum: { sizeBytes: true },
  });
  const bytes = manifest.files.reduce((sum, file) => sum + BigInt(file.sizeBytes), others._sum.sizeBytes ?? 0n);
  await ctx.db.prisma.seedDrive.update({ where: { id: drive.id }, data: { bytesTotal: bytes } });
}

async function takenNames(ctx: EngineContext, driveId: string, position: number): Promise<Set<string>> {
  // What was damaged is tried again: the drive may have been copied anew.
  const files = await ctx.db.prisma.seedDriveFile.findMany({
    where: { seedDriveId: driveId, position, damage: null },
    select: { name: true },
  });
  return new Set(files.map(({ name }) => name));
}

async function settle(ctx: EngineContext, manifest: DriveManifest, digest: Buffer, strangers: number): Promise<string> {
  const { driveId, position, isLast } = manifest;
  const where = { seedDriveId: driveId };
  const damaged = await ctx.db.prisma.seedDriveFile.findMany({
    where: { ...where, damage: { not: null } },
    orderBy: { number: "asc" },
    take: 5,
    select: { damage: true },
  });
  const failed = await ctx.db.prisma.seedDrivePoint.findFirst({ where: { ...where, state: "failed" } });
  const words = [
    ...damaged.flatMap(({ damage }) => (damage === null ? [] : `${damage.replace(/\.$/, "")}.`)),
    ...(failed?.message ? [failed.message] : []),
    ...(strangers > 0 ? [`${strangers} agents on this drive are not replicated here; theirs was left out.`] : []),
  ];
  return withTransaction(ctx.db, async (tx) => {
    await tx.$queryRaw`select 1 from seed_drive where id = ${driveId}::uuid for update`;
    const drive = await tx.seedDrive.findUniqueOrThrow({ where: { id: driveId } });
    const positionsDone = [...new Set([...drive.positionsDone, position])].sort((a, b) => a - b);
    const positionsTotal = isLast ? position : drive.positionsTotal;
    const isWhole = positionsTotal !== null && positionsDone.length >= positionsTotal;
    const pointsDone = await tx.seedDrivePoint.count({ where: { ...where, state: "done" } });
    const problem = words.length > 0 ? `${words.join(" ")} Replication sends what is lacking.` : null;
    await tx.seedDrive.update({
      where: { id: driveId },
      data: {
        positionsDone,
        positionsTotal,
        pointsDone,
        manifestDigest: new Uint8Array(digest),
        state: isWhole ? "consumed" : "outstanding",
        consumedAt: isWhole ? (drive.consumedAt ?? ctx.now()) : null,
        failureCode: problem === null ? null : "integrity",
        failureMessage: problem,
      },
    });
    await emitEvent(tx, "seed-drive", driveId);
    return problem === null ? "done" : `done; ${problem}`.slice(0, 500);
  });
}
