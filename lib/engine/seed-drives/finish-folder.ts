import "server-only";
import { withTransaction } from "@/lib/db/transaction";
import type { EngineContext } from "@/lib/engine/context";
import { findCore } from "@/lib/engine/core";
import { emitEvent } from "@/lib/engine/events/emit";
import { getPeerCredentials } from "@/lib/engine/pairing";
import type { SeedDrive } from "@/prisma/generated/client";
import { Contents } from "./convert";
import type { DriveFolder } from "./drive-folder";
import { DriveFile, type DriveManifest, openSigned, signManifest } from "./manifest";

/** Signs what the folder holds, which makes it consumable, and says so in the drive's row. May be repeated. */
export async function finishFolder(
  ctx: EngineContext,
  drive: SeedDrive,
  folder: DriveFolder,
  isLast: boolean,
): Promise<void> {
  // Throws when the pairing was ended meanwhile: no target would take the drive.
  const { key, cert } = await getPeerCredentials(ctx, { pairingId: drive.pairingId });
  const manifest = await describeFolder(ctx, drive, isLast);
  const signed = signManifest(manifest, { privatePem: key, certificatePem: cert });
  await folder.finish(signed, drive.keyFile);
  const { digest } = openSigned(signed);
  await withTransaction(ctx.db, async (tx) => {
    // Somebody may have given it up meanwhile.
    const { count } = await tx.seedDrive.updateMany({
      where: { id: drive.id, state: "exporting" },
      data: {
        state: isLast ? "outstanding" : "waiting",
        manifestDigest: new Uint8Array(digest),
        positionsTotal: isLast ? drive.paths.length : null,
        writtenAt: isLast ? ctx.now() : null,
      },
    });
    if (count > 0 && isLast) await tx.seedDriveRecord.deleteMany({ where: { seedDriveId: drive.id } });
    await emitEvent(tx, "seed-drive", drive.id);
  });
}

async function describeFolder(ctx: EngineContext, drive: SeedDrive, isLast: boolean): Promise<DriveManifest> {
  const contents = Contents.parse(drive.contents);
  const position = drive.paths.length;
  const [core, agents, files] = await Promise.all([
    findCore(ctx),
    ctx.db.prisma.agent.findMany({
      where: { id: { in: contents.map(({ agentId }) => agentId) } },
      include: { volumes: { orderBy: { id: "asc" } } },
    }),
    ctx.db.prisma.seedDriveFile.findMany({ where: { seedDriveId: drive.id, position }, orderBy: { number: "asc" } }),
  ]);
  return {
    format: "twincore-seed-drive",
    version: 1,
    driveId: drive.id,
    name: drive.name,
    position,
    isLast,
    sourceCoreId: core.id,
    sourceName: core.name,
    pairingId: drive.pairingId,
    createdAt: drive.createdAt.toISOString(),
    writtenAt: ctx.now().toISOString(),
    pointsTotal: drive.pointsTotal,
    agents: agents.map(({ id, name, hostName, volumes }) => ({
      id,
      name,
      hostName,
      points: contents.find(({ agentId }) => agentId === id)?.points ?? 0,
      volumes: volumes.map((volume) => ({ id: volume.id, name: volume.name, kind: volume.kind })),
    })),
    files: files.map((file) =>
      DriveFile.parse({ ...file, sizeBytes: Number(file.sizeBytes), sha256: Buffer.from(file.sha256).toString("hex") }),
    ),
  };
}
