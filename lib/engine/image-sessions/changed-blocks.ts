import "server-only";
import type { Database } from "@/lib/db/client";
import type { EngineContext } from "@/lib/engine/context";
import { hasBit, keysOf, type Manifest } from "@/lib/engine/manifests";
import { BLOCK_KEYS } from "@/lib/engine/manifests/format";
import { decodeKeys, type RecordKey } from "@/lib/engine/records/key";
import type { ChangeOf } from "@/lib/engine/recovery-points/commit";
import { readBatches } from "./batches";
import type { SessionRow } from "./find";

/** The bitmap of a direct session, or null before it came. At most 8 MiB: one bit per record of the largest image. */
export async function changedBlocksOf(db: Database, sessionId: string): Promise<Buffer | null> {
  const row = await db.prisma.imageSession.findUnique({ where: { id: sessionId }, select: { changedBlocks: true } });
  return row?.changedBlocks ? Buffer.from(row.changedBlocks) : null;
}

/** How many blocks of a direct session changed, or null before its bitmap came. */
export async function changedCount(db: Database, sessionId: string): Promise<number | null> {
  const { rows } = await db.pool.query<{ changed: number | null }>(
    "select bit_count(changed_blocks)::int as changed from image_session where id = $1",
    [sessionId],
  );
  return rows[0]?.changed ?? null;
}

/** For each image of the point that came directly: of what it is a change. Only sessions whose manifest was found right count. */
export async function changesOfPoint(ctx: EngineContext, row: SessionRow): Promise<Map<string, ChangeOf>> {
  const sessions = await ctx.db.prisma.imageSession.findMany({
    where: {
      agentId: row.agentId,
      recoveryPointId: row.recoveryPointId,
      mode: "direct",
      OR: [{ state: "committed" }, { id: row.id }],
    },
    select: { id: true, volumeImageId: true, baseImageId: true },
  });
  const changes = new Map<string, ChangeOf>();
  for (const { id, volumeImageId, baseImageId } of sessions)
    if (baseImageId) changes.set(volumeImageId, { baseImageId, changedBlocks: () => changedBlocksOf(ctx.db, id) });
  return changes;
}

/**
 * The keys of an image that is a change of `base`, 1,024 at a time: those of the base with the changed ones in their place.
 * null: a changed block whose key was not offered yet.
 */
export async function* changedKeys(
  db: Database,
  row: Pick<SessionRow, "id" | "keyCount">,
  base: Manifest,
  bitmap: Buffer,
): AsyncGenerator<(RecordKey | null)[]> {
  const changed = offeredKeys(db, row.id);
  for (let start = 0; start < row.keyCount; start += BLOCK_KEYS) {
    const old = decodeKeys(await keysOf(base, start));
    const keys: (RecordKey | null)[] = [];
    for (let at = start; at < Math.min(row.keyCount, start + BLOCK_KEYS); at++)
      keys.push(hasBit(bitmap, at) ? ((await changed.next()).value ?? null) : (old[at - start] ?? null));
    yield keys;
  }
}

async function* offeredKeys(db: Database, sessionId: string): AsyncGenerator<RecordKey, undefined> {
  for await (const batch of readBatches(db, sessionId)) yield* decodeKeys(batch);
}
