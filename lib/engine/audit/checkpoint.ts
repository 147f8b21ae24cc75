import "server-only";
import { createHmac, timingSafeEqual } from "node:crypto";
import type { EngineContext } from "@/lib/engine/context";
import { appendCheckpoint } from "./checkpoint-file";
import { readHead } from "./read-chain";

/** Checkpoints of the last days are kept all, older ones one a day: a chain that was written anew differs at every one behind the change. */
const KEPT_ALL_MS = 7 * 24 * 3600_000;

export interface Checkpoint {
  readonly position: bigint;
  readonly hash: Buffer;
  readonly mac: Buffer;
  readonly at: Date;
}

/** Derived, so that the key-encryption key itself never leaves its own use. */
const keyOf = (secret: Buffer) => createHmac("sha256", secret).update("twincore/audit-checkpoint/1").digest();

/** What this core's key says about a place of the chain at a time. */
export function macOf(secret: Buffer, { position, hash, at }: Omit<Checkpoint, "mac">): Buffer {
  const said = `twincore/audit-checkpoint/1\n${position}\n${hash.toString("hex")}\n${at.toISOString()}\n`;
  return createHmac("sha256", keyOf(secret)).update(said).digest();
}

/** Was it made with this core's key? */
export function isGenuine(secret: Buffer, checkpoint: Checkpoint): boolean {
  const right = macOf(secret, checkpoint);
  return checkpoint.mac.length === right.length && timingSafeEqual(checkpoint.mac, right);
}

/** Puts the newest entry of the chain under this core's key, in the database and in the home's file, when the chain has grown. Part of the sweep. */
export async function writeCheckpoint(ctx: EngineContext): Promise<void> {
  const { prisma, pool } = ctx.db;
  const head = await readHead(pool);
  const newest = await prisma.auditCheckpoint.findFirst({ orderBy: { position: "desc" }, select: { position: true } });
  if (head.position === 0n || (newest && newest.position >= head.position)) return;
  const at = ctx.now();
  const checkpoint = { ...head, at, mac: macOf(ctx.secret, { ...head, at }) };
  // The file first: a checkpoint that is in the database only could be taken back by who can write there.
  if (ctx.home) await appendCheckpoint(ctx.home, checkpoint);
  const row = { ...checkpoint, hash: Uint8Array.from(head.hash), mac: Uint8Array.from(checkpoint.mac) };
  await prisma.auditCheckpoint.createMany({ data: [row], skipDuplicates: true });
  const before = new Date(at.getTime() - KEPT_ALL_MS);
  await prisma.$executeRaw`
    delete from audit_checkpoint c where at < ${before} and exists (
      select 1 from audit_checkpoint later where later.position > c.position and later.at < ${before}
        and date_trunc('day', later.at at time zone 'UTC') = date_trunc('day', c.at at time zone 'UTC'))`;
}
