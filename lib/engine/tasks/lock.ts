import "server-only";
import { Client } from "pg";
import type { EngineContext } from "@/lib/engine/context";
import { TwincoreError } from "@/lib/errors";

const CONNECT_MS_MAX = 10_000;

/**
 * Runs `work` while no other process runs the same task: a job whose worker went silent is begun again elsewhere, and the
 * first may still be alive. The lock is a connection of its own; when it is lost the work is aborted through its signal.
 * Throws `unavailable` when another one holds it.
 */
export async function withTaskLock(
  ctx: EngineContext,
  taskId: string,
  work: (lost: AbortSignal) => Promise<void>,
): Promise<void> {
  const lost = new AbortController();
  const client = new Client({
    connectionString: ctx.db.url,
    connectionTimeoutMillis: CONNECT_MS_MAX,
    keepAlive: true,
    application_name: "twincore task",
  });
  const onLoss = () => lost.abort(new TwincoreError("unavailable", "The connection to the database was lost."));
  client.on("error", onLoss);
  client.on("end", onLoss);
  try {
    await client.connect();
    const { rows } = await client.query("select pg_try_advisory_lock(hashtextextended($1, 1)) as locked", [taskId]);
    if (rows[0]?.locked !== true)
      throw new TwincoreError("unavailable", "Another worker still runs this task; it is tried again.");
    await work(lost.signal);
  } finally {
    client.off("end", onLoss);
    await client.end().catch(() => undefined);
  }
}
