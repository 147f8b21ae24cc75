import "server-only";
import type { PoolClient } from "pg";
import type { Database } from "@/lib/db/client";
import { queryRecords, recordTransaction } from "@/lib/engine/records/connection";
import { isHole, KEY_BYTES, type RecordKey } from "@/lib/engine/records/key";
import { conflict, invalidInput } from "@/lib/errors";

/** Batches whose digests are kept in memory: those of the few images that arrive at once, about 10 MiB each. */
const KEPT_BATCHES = 8;

/**
 * Stores a batch of offered keys. They must follow the last one without a gap; the same batch may come again.
 * Throws `invalid_input` for a gap, for another batch at the same place, and for keys past the declared count.
 */
export async function storeBatch(db: Database, sessionId: string, start: number, keys: Buffer): Promise<void> {
  await recordTransaction(db, async (client) => {
    const { keyCount, state } = await lockSession(client, sessionId);
    if (state !== "open") throw conflict("This image session has ended meanwhile. Start a new one.");
    if (start + keys.length / KEY_BYTES > keyCount)
      throw invalidInput(`More keys came than the ${keyCount} that were declared for this session.`);
    const known = await client.query("select keys from image_session_keys where session_id = $1 and start = $2", [
      sessionId,
      start,
    ]);
    if (known.rows[0]) {
      if (!keys.equals(known.rows[0].keys)) throw invalidInput(`Other keys were offered at position ${start} before.`);
      return;
    }
    const next = await nextStart(client, sessionId);
    if (start !== next)
      throw invalidInput(`Keys must follow each other: the next one has position ${next}, not ${start}.`);
    await client.query("insert into image_session_keys (session_id, start, keys) values ($1, $2, $3)", [
      sessionId,
      start,
      keys,
    ]);
    await client.query("update image_session set updated_at = now() where id = $1", [sessionId]);
  });
}

async function lockSession(client: PoolClient, sessionId: string): Promise<{ keyCount: number; state: string }> {
  // Of a direct session only the keys of changed blocks are offered: none before its bitmap came.
  const { rows } = await client.query(
    `select case mode when 'direct' then coalesce(bit_count(changed_blocks), 0)::int else key_count end as "keyCount",
       state::text as state
     from image_session where id = $1 for update`,
    [sessionId],
  );
  return rows[0];
}

async function nextStart(client: PoolClient, sessionId: string): Promise<number> {
  const { rows } = await client.query(
    `select coalesce(max(start + length(keys) / ${KEY_BYTES}), 0)::int as next from image_session_keys where session_id = $1`,
    [sessionId],
  );
  return rows[0].next;
}

/** How many keys were offered so far. */
export async function offeredCount(db: Database, sessionId: string): Promise<number> {
  const rows = await queryRecords(
    db,
    `select coalesce(sum(length(keys)), 0)::bigint / ${KEY_BYTES} from image_session_keys where session_id = $1`,
    [sessionId],
  );
  return Number(rows[0]?.[0] ?? 0);
}

/** The offered keys in order, a batch at a time. */
export async function* readBatches(db: Database, sessionId: string): AsyncGenerator<Buffer> {
  for (let at = 0; ; ) {
    const keys = await readBatch(db, sessionId, at);
    if (!keys) return;
    yield keys;
    at += keys.length / KEY_BYTES;
  }
}

async function readBatch(db: Database, sessionId: string, start: number): Promise<Buffer | null> {
  const rows = await queryRecords(db, "select keys from image_session_keys where session_id = $1 and start = $2", [
    sessionId,
    start,
  ]);
  const keys = rows[0]?.[0];
  return Buffer.isBuffer(keys) ? keys : null;
}

const kept = new WeakMap<Database, Map<string, ReadonlySet<string>>>();

/** The digests of a batch, for "was this record offered?". A batch never changes, so it is kept for the next transfer. */
export async function offeredDigests(db: Database, sessionId: string, start: number): Promise<ReadonlySet<string>> {
  const known = kept.get(db) ?? new Map<string, ReadonlySet<string>>();
  kept.set(db, known);
  const name = `${sessionId} ${start}`;
  const found = known.get(name);
  if (found) return found;
  const keys = await readBatch(db, sessionId, start);
  if (!keys) throw invalidInput(`No keys were offered at position ${start}; records are sent for a batch of them.`);
  const digests = new Set<string>();
  for (let at = 0; at < keys.length; at += KEY_BYTES) digests.add(keys.toString("latin1", at, at + 32));
  for (const oldest of known.keys()) {
    if (known.size < KEPT_BATCHES) break;
    known.delete(oldest);
  }
  known.set(name, digests);
  return digests;
}

/** Positions of keys that stand for stored records. */
export function storedPositions(keys: readonly RecordKey[]): number[] {
  const positions: number[] = [];
  for (const [position, key] of keys.entries()) if (!isHole(key)) positions.push(position);
  return positions;
}
