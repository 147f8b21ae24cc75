import "server-only";
import type { Database } from "@/lib/db/client";

/** Tells this kind of advisory lock from others that are made of an id. */
const LOCK_KIND = 7102;

/**
 * Runs `work` while no other process commits an image of the same recovery point; gives false at once when one does. The lock
 * belongs to a connection: Postgres drops it when the process dies.
 */
export async function withPointLock(
  db: Database,
  recoveryPointId: string,
  work: () => Promise<void>,
): Promise<boolean> {
  const client = await db.pool.connect();
  let broken = false;
  try {
    const { rows } = await client.query("select pg_try_advisory_lock($1, hashtext($2)) as locked", [
      LOCK_KIND,
      recoveryPointId,
    ]);
    if (!rows[0]?.locked) return false;
    try {
      await work();
    } finally {
      await client.query("select pg_advisory_unlock($1, hashtext($2))", [LOCK_KIND, recoveryPointId]).catch(() => {
        // Closing the connection drops the lock as well.
        broken = true;
      });
    }
    return true;
  } finally {
    client.release(broken);
  }
}
