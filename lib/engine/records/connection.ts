import "server-only";
import type { Pool, PoolClient } from "pg";
import type { Database } from "@/lib/db/client";
import type { EngineContext } from "@/lib/engine/context";
import { TwincoreError, toTwincoreError } from "@/lib/errors";
import { Slots } from "./slots";

/** What the record store needs of an EngineContext. */
export type RecordContext = Pick<EngineContext, "db" | "log" | "now">;

const shares = new WeakMap<Pool, Slots>();

/** At most half of the pool's connections work on records: captures and transfers leave the rest to everyone else. */
function shareOf(pool: Pool): Slots {
  const known = shares.get(pool);
  if (known) return known;
  const share = new Slots(Math.max(1, Math.floor((pool.options.max ?? 10) / 2)));
  shares.set(pool, share);
  return share;
}

/** One statement on a connection of the record store's share. Throws TwincoreError. */
export function queryRecords(db: Database, text: string, values: unknown[]): Promise<unknown[][]> {
  return shareOf(db.pool).run(1, async () => {
    try {
      return (await db.pool.query<unknown[]>({ text, values, rowMode: "array" })).rows;
    } catch (error) {
      throw databaseError(error);
    }
  });
}

/** One transaction on a connection of the record store's share; what `work` throws rolls it back. Throws TwincoreError. */
export function recordTransaction<T>(db: Database, work: (client: PoolClient) => Promise<T>): Promise<T> {
  return shareOf(db.pool).run(1, async () => {
    let client: PoolClient | null = null;
    try {
      client = await db.pool.connect();
      await client.query("begin");
      const result = await work(client);
      await client.query("commit");
      client.release();
      return result;
    } catch (error) {
      // A connection in an unknown state is closed, not lent to the next caller; closing it rolls back.
      client?.release(true);
      throw databaseError(error);
    }
  });
}

function databaseError(error: unknown): TwincoreError {
  const known = toTwincoreError(error);
  if (known.code !== "internal") return known;
  // pg ends queries on a lost connection with errors that have no code.
  const lost = error instanceof Error && /terminat|timeout|connection/i.test(error.message);
  return lost ? new TwincoreError("unavailable", "The database does not answer just now.", { cause: error }) : known;
}
