import "server-only";
import { withTransaction } from "@/lib/db/transaction";
import type { Counters } from "@/lib/engine/capture/counters";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";
import { domainOf } from "@/lib/engine/image-sessions/find";
import { reserveRoom } from "@/lib/engine/image-sessions/room";
import { noteArrived } from "@/lib/engine/quotas";
import { receiveFrames } from "@/lib/engine/records/receive";
import type { Domain } from "@/lib/engine/repositories/open";
import { TwincoreError } from "@/lib/errors";
import type { DriveFolder } from "./drive-folder";
import type { DriveFile } from "./manifest";
import { soundFrames } from "./sound-frames";

export interface FileWork {
  readonly ctx: EngineContext;
  readonly driveId: string;
  readonly position: number;
  readonly folder: DriveFolder;
  readonly file: DriveFile;
  readonly counters: Counters;
  readonly signal: AbortSignal;
}

/** Takes over one file of records. Each is verified; damaged ones are left out and named in the file's row. */
export async function takeRecords(work: FileWork): Promise<void> {
  const { ctx, file } = work;
  const domain = await domainOf(ctx, file.agentId);
  const release = await reserveRoom(ctx, domain, file.agentId, file.sizeBytes);
  try {
    const whole = await received(work, domain, counted(work));
    const whose = { agentId: file.agentId, tenantId: domain.tenantId };
    await noteArrived(ctx, whose, file.recoveryPointId, whole.storedBytes);
    if (whole.damage === null) return await noteFile(work, whole.storedBytes, null);
    // Once more, slowly: whatever is sound behind the damage is kept too.
    const damages: string[] = [];
    const rest = await received(
      work,
      domain,
      soundFrames(work.folder.read(file), (words) => damages.push(words)),
    );
    await noteArrived(ctx, whose, file.recoveryPointId, rest.storedBytes);
    const damage = [...damages, ...(rest.damage === null ? [] : [rest.damage])].slice(0, 3).join("; ") || whole.damage;
    ctx.log.warn(
      { drive: work.driveId, file: file.name, damages: damages.length },
      "a file of a seed drive is damaged",
    );
    await noteFile(work, whole.storedBytes + rest.storedBytes, `${file.name}: ${damage}`);
  } finally {
    await release();
  }
}

/** Stores the sound beginning of a stream of records; what stopped it is an answer, unless it is this core's own trouble. */
async function received(
  { ctx, file }: FileWork,
  domain: Domain,
  content: AsyncIterable<Uint8Array>,
): Promise<{ storedBytes: number; damage: string | null }> {
  const limits = { bytesMax: file.sizeBytes, recordsMax: file.recordCount };
  try {
    // Any record: it proves itself, and one that no point needs harms nobody but the quota of its sender.
    const { bytes } = await receiveFrames(ctx, domain, content, () => true, limits);
    return { storedBytes: bytes, damage: null };
  } catch (thrown) {
    if (!(thrown instanceof TwincoreError) || !["integrity", "invalid_input", "too_large"].includes(thrown.code))
      throw thrown;
    return { storedBytes: 0, damage: thrown.message };
  }
}

async function* counted({ folder, file, counters, signal }: FileWork): AsyncGenerator<Uint8Array> {
  for await (const piece of folder.read(file)) {
    signal.throwIfAborted();
    counters.bytesDone += piece.length;
    yield piece;
  }
}

/** The file is taken over: its records are durable and indexed. */
export async function noteFile(work: FileWork, storedBytes: number, damage: string | null): Promise<void> {
  const { ctx, driveId, position, file } = work;
  const { name, sizeBytes } = file;
  const data = { storedBytes: BigInt(storedBytes), damage };
  await withTransaction(ctx.db, async (tx) => {
    const known = await tx.seedDriveFile.findUnique({ where: { seedDriveId_name: { seedDriveId: driveId, name } } });
    await tx.seedDriveFile.upsert({
      where: { seedDriveId_name: { seedDriveId: driveId, name } },
      create: {
        ...file,
        ...data,
        seedDriveId: driveId,
        position,
        sizeBytes: BigInt(sizeBytes),
        sha256: new Uint8Array(Buffer.from(file.sha256, "hex")),
      },
      update: { damage, storedBytes: { increment: BigInt(storedBytes) }, counted: false },
    });
    if (!known)
      await tx.seedDrive.update({
        where: { id: driveId },
        data: {
          bytesDone: { increment: sizeBytes },
          recordsDone: { increment: file.recordCount },
          recordsTotal: { increment: file.recordCount },
        },
      });
    await emitEvent(tx, "seed-drive", driveId);
  });
}
