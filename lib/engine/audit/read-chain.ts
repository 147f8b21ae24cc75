import "server-only";
import type { Pool } from "pg";
import type { ChainedEntry } from "./chain";

/** An entry is about half a kilobyte: a megabyte at a time. */
const BATCH = 2_000;

export interface ChainRow extends ChainedEntry {
  readonly id: bigint;
  readonly position: bigint;
  readonly hash: Buffer | null;
}

/** The chained entries behind `after` and up to `until` in the order of their places, a batch at a time. */
export async function* readChain(pool: Pool, after: bigint, until: bigint): AsyncGenerator<ChainRow[]> {
  for (let at = after; at < until; ) {
    const { rows } = await pool.query<ChainRow>(
      `select id, position, hash, at, actor, actor_kind as "actorKind", actor_id as "actorId", action, subject, door, address,
         request_id as "requestId", result::text, reason, detail::text
       from audit_entry where position > $1 and position <= $2 order by position limit ${BATCH}`,
      [at, until],
    );
    const last = rows.at(-1);
    if (!last) return;
    yield rows;
    at = last.position;
  }
}

/** The place of the newest entry; 0: there is none. */
export async function readHead(pool: Pool): Promise<{ position: bigint; hash: Buffer }> {
  const { rows } = await pool.query<{ position: bigint; hash: Buffer | null }>(
    "select position, hash from audit_entry where position is not null order by position desc limit 1",
  );
  return { position: rows[0]?.position ?? 0n, hash: rows[0]?.hash ?? Buffer.alloc(0) };
}

/** An entry without a place: one that was put in past the trigger. */
export async function findUnchained(pool: Pool): Promise<{ id: bigint; action: string; at: Date } | null> {
  const { rows } = await pool.query<{ id: bigint; action: string; at: Date }>(
    "select id, action, at from audit_entry where position is null limit 1",
  );
  return rows[0] ?? null;
}
