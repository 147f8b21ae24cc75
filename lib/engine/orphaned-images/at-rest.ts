import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { withPointLock } from "@/lib/engine/image-sessions/lock";
import { conflict } from "@/lib/errors";

/**
 * Runs `work` while nothing else is done to the images of a recovery point. Throws `conflict` while one of them is committed, or
 * while the source is sending them.
 */
export async function whileAtRest(
  ctx: EngineContext,
  recoveryPointId: string,
  work: () => Promise<void>,
): Promise<void> {
  const worked = await withPointLock(ctx.db, recoveryPointId, async () => {
    const { rows } = await ctx.db.pool.query(SENDING, [recoveryPointId]);
    if (rows.length > 0)
      throw conflict("The source is sending this recovery point just now. Wait until it is done, or has failed.");
    await work();
  });
  if (!worked) throw conflict("Somebody works on this recovery point just now. Try again in a moment.");
}

/** Any session of the point below a run that goes on: those that are committed wait for the others. */
const SENDING = `
  select 1 from image_session s join remote_job j on j.id = s.job_id join run r on r.id = j.run_id
  where s.recovery_point_id = $1 and s.state in ('open', 'committing', 'committed')
    and j.ended_at is null and j.silent_since is null and r.state in ('queued', 'running') limit 1`;
