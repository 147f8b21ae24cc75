import "server-only";
import { createHash } from "node:crypto";
import { withTransaction } from "@/lib/db/transaction";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";
import { domainOf } from "@/lib/engine/image-sessions/find";
import { MANIFEST_KEYS_MAX, manifestKey } from "@/lib/engine/manifests/format";
import { assertQuota } from "@/lib/engine/quotas";
import { KEY_BYTES } from "@/lib/engine/records/key";
import { commitInto } from "@/lib/engine/recovery-points/commit";
import type { Domain } from "@/lib/engine/repositories/open";
import { conflict, integrity, TwincoreError } from "@/lib/errors";
import { decodePoint, POINT_BYTES_MAX, PointDeclaration } from "./point-document";
import { type FileWork, noteFile } from "./take-records";

/** Its keys, and a table of 40 bytes for each 1,024 of them. */
const MANIFEST_FILE_BYTES_MAX = MANIFEST_KEYS_MAX * (KEY_BYTES + 1);
/** Points whose rows are read at once. */
const POINTS_PER_READ = 200;

/** Puts the manifest of an image into the repository: whole, as it was signed, and never over one that is there. */
export async function takeManifest(work: FileWork): Promise<void> {
  const { ctx, file, counters } = work;
  const domain = await domainOf(ctx, file.agentId);
  const isKnown = await ctx.db.prisma.recoveryPoint.findUnique({ where: { id: file.recoveryPointId } });
  try {
    if (!isKnown && file.imageId !== null) await copyManifest(work, domain, file.imageId);
  } catch (thrown) {
    return noteDamage(work, thrown);
  }
  counters.bytesDone += file.sizeBytes;
  await noteFile(work, 0, null);
}

async function copyManifest({ folder, file, signal }: FileWork, domain: Domain, imageId: string): Promise<void> {
  const key = manifestKey(domain.prefix, imageId);
  // One that replication or an earlier run brought; whether it is the right one is seen when its point is committed.
  if ((await domain.storage.size(key)) !== null) return;
  if (file.sizeBytes > MANIFEST_FILE_BYTES_MAX) throw integrity("It is larger than any manifest.");
  const hash = createHash("sha256");
  for await (const piece of folder.storage.stream(file.name)) hash.update(piece);
  if (hash.digest("hex") !== file.sha256) throw integrity("It is not the file that was signed.");
  const writer = await domain.storage.create(key);
  try {
    for await (const piece of folder.read(file)) {
      signal.throwIfAborted();
      await writer.write(piece);
    }
    await writer.commit();
  } catch (thrown) {
    await writer.abort();
    if (!(thrown instanceof TwincoreError) || thrown.code !== "conflict") throw thrown;
  }
}

/** Takes over the document of a point, and makes the point true when everything that it needs is here. */
export async function takeDocument(work: FileWork): Promise<void> {
  const { ctx, driveId, file, folder, counters } = work;
  try {
    const point = decodePoint(await folder.readWhole(file, POINT_BYTES_MAX));
    if (point.recoveryPointId !== file.recoveryPointId || point.agentId !== file.agentId)
      throw integrity("It is the document of another recovery point.");
    const where = { seedDriveId_recoveryPointId: { seedDriveId: driveId, recoveryPointId: point.recoveryPointId } };
    const declared = { state: "waiting" as const, declaration: point, message: null };
    const row = { agentId: point.agentId, sequence: BigInt(point.epochNumber) };
    const known = await ctx.db.prisma.seedDrivePoint.findUnique({ where });
    if (known?.state !== "done")
      await ctx.db.prisma.seedDrivePoint.upsert({
        where,
        create: { seedDriveId: driveId, recoveryPointId: point.recoveryPointId, ...row, ...declared },
        update: declared,
      });
  } catch (thrown) {
    return noteDamage(work, thrown);
  }
  await commitPoint(ctx, driveId, file.recoveryPointId);
  counters.bytesDone += file.sizeBytes;
  counters.filesDone++;
  await noteFile(work, 0, null);
}

/** A damaged file is named and left out; whatever else went wrong stops the task. */
async function noteDamage(work: FileWork, thrown: unknown): Promise<void> {
  if (!(thrown instanceof TwincoreError) || !["integrity", "too_large"].includes(thrown.code)) throw thrown;
  work.counters.bytesDone += work.file.sizeBytes;
  await noteFile(work, 0, `${work.file.name}: ${thrown.message}`);
}

/** Points whose records came in another order than their documents. */
export async function commitWaitingPoints(ctx: EngineContext, driveId: string, signal: AbortSignal): Promise<void> {
  for (let after = ""; ; ) {
    const points = await ctx.db.prisma.seedDrivePoint.findMany({
      where: { seedDriveId: driveId, state: "waiting", ...(after ? { recoveryPointId: { gt: after } } : {}) },
      orderBy: { recoveryPointId: "asc" },
      take: POINTS_PER_READ,
      select: { recoveryPointId: true },
    });
    for (const { recoveryPointId } of points) {
      signal.throwIfAborted();
      await commitPoint(ctx, driveId, recoveryPointId);
    }
    if (points.length < POINTS_PER_READ) return;
    after = points.at(-1)?.recoveryPointId ?? after;
  }
}

/** A point that lacks something waits for another folder, or for replication; one that cannot be true here is failed by name. */
async function commitPoint(ctx: EngineContext, driveId: string, recoveryPointId: string): Promise<void> {
  const where = { seedDriveId_recoveryPointId: { seedDriveId: driveId, recoveryPointId } };
  const row = await ctx.db.prisma.seedDrivePoint.findUnique({ where });
  if (row?.state !== "waiting" || row.declaration === null) return;
  const point = PointDeclaration.parse(row.declaration);
  try {
    await commitDeclared(ctx, driveId, point);
  } catch (thrown) {
    if (!(thrown instanceof TwincoreError)) throw thrown;
    if (!["integrity", "not_found", "conflict"].includes(thrown.code)) throw thrown;
    const state = thrown.code === "conflict" ? "failed" : "waiting";
    const message = `The recovery point of ${point.utcCreatedTimestamp} did not become true: ${thrown.message}`;
    await ctx.db.prisma.seedDrivePoint.update({ where, data: { state, message } });
    return;
  }
  await noteCommitted(ctx, driveId, point);
}

async function commitDeclared(ctx: EngineContext, driveId: string, point: PointDeclaration): Promise<void> {
  const domain = await domainOf(ctx, point.agentId);
  const volumes = new Set(point.images.map(({ volumeId }) => volumeId));
  const known = await ctx.db.prisma.volume.count({ where: { agentId: point.agentId, id: { in: [...volumes] } } });
  if (known !== volumes.size || volumes.size !== point.images.length)
    throw conflict("It has images of volumes that are not its agent's.");
  const { recoveryPointId, epochNumber: sequence, logicalBytes } = point;
  const whose = { agentId: point.agentId, tenantId: domain.tenantId };
  await assertQuota(ctx, { ...whose, addStored: 0, point: { id: recoveryPointId, sequence, logicalBytes } });
  const brought = await ctx.db.prisma.seedDriveFile.aggregate({
    where: { seedDriveId: driveId, agentId: point.agentId, counted: false },
    _sum: { storedBytes: true },
  });
  await commitInto(ctx, domain, {
    id: point.recoveryPointId,
    agentId: point.agentId,
    repositoryId: domain.repositoryId,
    tenantId: domain.tenantId,
    sequence: point.epochNumber,
    createdAt: new Date(point.utcCreatedTimestamp),
    images: point.images.map((image) => ({
      id: image.id,
      volumeId: image.volumeId,
      volumeName: image.volumeDisplayName,
      volumeKind: image.volumeKind,
      sizeBytes: image.size,
      entryCount: image.entryCount,
      recordCount: image.recordCount,
      manifestDigest: Buffer.from(image.headerHash, "hex"),
    })),
    logicalBytes: point.logicalBytes,
    storedBytes: brought._sum.storedBytes ?? 0n,
    skippedCount: point.skippedCount,
    skipped: point.skipped,
  });
}

/** What the files before it brought is counted as this point's; the target's own view of the replication moves on. */
async function noteCommitted(ctx: EngineContext, driveId: string, point: PointDeclaration): Promise<void> {
  const { agentId, recoveryPointId } = point;
  await withTransaction(ctx.db, async (tx) => {
    await tx.seedDrivePoint.update({
      where: { seedDriveId_recoveryPointId: { seedDriveId: driveId, recoveryPointId } },
      data: { state: "done", declaration: {}, message: null },
    });
    await tx.seedDriveFile.updateMany({ where: { seedDriveId: driveId, agentId }, data: { counted: true } });
    const pointsDone = await tx.seedDrivePoint.count({ where: { seedDriveId: driveId, state: "done" } });
    const drive = await tx.seedDrive.update({ where: { id: driveId }, data: { pointsDone } });
    const session = await tx.replicationSession.findFirst({
      where: { agentId, pairingId: drive.pairingId, side: "target" },
    });
    const newest = await tx.recoveryPoint.findFirst({ where: { agentId }, orderBy: { sequence: "desc" } });
    if (session && newest && session.newestPointId !== newest.id) {
      await tx.replicationSession.update({
        where: { id: session.id },
        data: { newestPointId: newest.id, newestPointAt: newest.createdAt },
      });
      await emitEvent(tx, "session", session.id);
    }
    await emitEvent(tx, "seed-drive", driveId);
  });
}
