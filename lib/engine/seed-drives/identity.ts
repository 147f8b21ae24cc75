import "server-only";
import type { Tx } from "@/lib/db/client";
import type { EngineContext } from "@/lib/engine/context";
import { deleteKeys, findKey, saveKey } from "@/lib/engine/trust/sealed-keys";

/** Under which name the key of a drive that is being consumed lies sealed; gone when the task has ended. */
export const identityName = (driveId: string): string => `seed-drive/${driveId}`;

export const keepIdentity = (tx: Tx, ctx: EngineContext, driveId: string, identity: string): Promise<void> =>
  saveKey(tx, ctx.secret, identityName(driveId), { privatePem: identity });

export async function findIdentity(ctx: EngineContext, driveId: string): Promise<string | null> {
  return (await findKey(ctx.db.prisma, ctx.secret, identityName(driveId)))?.privatePem ?? null;
}

export const forgetIdentity = (ctx: EngineContext, driveId: string): Promise<void> =>
  deleteKeys(ctx.db.prisma, [identityName(driveId)]);
