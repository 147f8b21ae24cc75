import "server-only";
import { withTransaction } from "@/lib/db/transaction";
import { writeAudit } from "@/lib/engine/audit";
import { actorName, type EngineContext } from "@/lib/engine/context";
import { conflict, invalidInput, notFound } from "@/lib/errors";
import { createTask, enqueueTask, lockDrive } from "./begin-task";
import type { Contents } from "./convert";
import { DriveFolder } from "./drive-folder";
import { openDriveKey } from "./encryption";
import { keepIdentity } from "./identity";
import { getSeedDrive } from "./list";
import { findDriveFolder } from "./place";
import type { ConsumeSeedDriveInput, SeedDriveSummary } from "./schemas";
import { openTrusted, type TrustedDrive } from "./verify";

/**
 * Target: begins to take over what a folder of a seed drive carries. The signature, the pairing and the passphrase are checked
 * before this answers; nothing is taken over when one of them is wrong. Throws `invalid_input` for a folder or passphrase that
 * cannot be, `integrity` for a drive that was altered or is not for this core, `not_found` when none of its agents is replicated
 * here, `conflict` while the same drive is being consumed.
 */
export async function consumeSeedDrive(ctx: EngineContext, input: ConsumeSeedDriveInput): Promise<SeedDriveSummary> {
  const path = await findDriveFolder(ctx, input.folder);
  const identity = await unlock(path, input.passphrase);
  const trusted = await openTrusted(ctx, new DriveFolder(path, { identity }));
  const contents = await agentsHere(ctx, trusted);
  const { driveId } = trusted.manifest;
  const taskId = await withTransaction(ctx.db, async (tx) => {
    const row = rowOf(ctx, trusted, contents, identity !== null);
    await tx.seedDrive.createMany({ data: [row], skipDuplicates: true });
    const drive = await lockDrive(tx, driveId);
    if (drive.side !== "target" || drive.pairingId !== trusted.pairingId) throw notFound("seed drive for this core");
    await tx.seedDrive.update({
      where: { id: driveId },
      data: {
        paths: [...new Set([...drive.paths, path])],
        // A person who consumes a drive again has not given it up.
        state: drive.state === "abandoned" ? "outstanding" : drive.state,
        failureCode: null,
        failureMessage: null,
      },
    });
    if (identity !== null) await keepIdentity(tx, ctx, driveId, identity);
    await writeAudit(tx, ctx, "seed-drive.consume", driveId, { folder: path, position: trusted.manifest.position });
    return createTask(tx, ctx, driveId, "consume_seed_drive", { folder: path });
  });
  await enqueueTask(ctx, taskId);
  return getSeedDrive(ctx, { id: driveId });
}

/** The key of an encrypted drive; null when it is not encrypted. */
async function unlock(path: string, passphrase: string | undefined): Promise<string | null> {
  const folder = new DriveFolder(path);
  if (!(await folder.isEncrypted())) return null;
  if (passphrase === undefined)
    throw invalidInput("This seed drive is encrypted. Enter the passphrase that was chosen when it was written.");
  return openDriveKey(await folder.keyFile(), passphrase);
}

async function agentsHere(ctx: EngineContext, { manifest, pairingId }: TrustedDrive): Promise<Contents> {
  const ids = manifest.agents.map(({ id }) => id);
  const here = await ctx.db.prisma.agent.findMany({ where: { id: { in: ids }, pairingId }, select: { id: true } });
  if (here.length === 0)
    throw conflict(
      "None of the agents on this seed drive is replicated here. Approve them first, then consume it again.",
    );
  return manifest.agents.map(({ id, name, points }) => ({ agentId: id, name, points }));
}

const rowOf = (
  ctx: EngineContext,
  { manifest, pairingId }: TrustedDrive,
  contents: Contents,
  isEncrypted: boolean,
) => ({
  id: manifest.driveId,
  side: "target" as const,
  state: "outstanding" as const,
  pairingId,
  name: manifest.name,
  paths: [],
  isEncrypted,
  contents,
  pointsTotal: manifest.pointsTotal,
  createdBy: actorName(ctx.actor),
  createdAt: ctx.now(),
  writtenAt: new Date(manifest.writtenAt),
});
