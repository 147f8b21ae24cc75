import "server-only";
import type { Tx } from "@/lib/db/client";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";
import { newPackId as newId } from "@/lib/engine/packs/pack-id";
import { conflict, notFound } from "@/lib/errors";
import type { Prisma, SeedDrive, TaskKind } from "@/prisma/generated/client";

/** The drive's row, held until the end of the transaction, so that whoever changes its state does so alone. Throws `not_found`. */
export async function lockDrive(tx: Tx, id: string): Promise<SeedDrive> {
  await tx.$queryRaw`select 1 from seed_drive where id = ${id}::uuid for update`;
  const row = await tx.seedDrive.findUnique({ where: { id } });
  if (!row) throw notFound("seed drive");
  return row;
}

/** Queues work on a drive whose row the transaction holds. Throws `conflict` while other work on it goes on. */
export async function createTask(
  tx: Tx,
  ctx: EngineContext,
  driveId: string,
  kind: Extract<TaskKind, "export_seed_drive" | "consume_seed_drive">,
  input: Prisma.InputJsonObject,
): Promise<string> {
  const active = await tx.task.findFirst({ where: { seedDriveId: driveId, state: { in: ["queued", "running"] } } });
  if (active) throw conflict("Work on this seed drive goes on already. Wait for its end, or cancel it.");
  const id = newId(ctx.now().getTime());
  await tx.task.create({ data: { id, kind, seedDriveId: driveId, input, createdAt: ctx.now() } });
  await emitEvent(tx, "task", id);
  await emitEvent(tx, "seed-drive", driveId);
  return id;
}

export const enqueueTask = (ctx: EngineContext, taskId: string): Promise<void> =>
  ctx.enqueue("run-task", { taskId }, { key: taskId });
