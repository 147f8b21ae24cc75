import "server-only";
import type { Tx } from "@/lib/db/client";

/** Runs of one session that are kept for its page. */
const RUNS_KEPT = 200;

/** Forgets the oldest runs of a session, with their mirrors' jobs, when it has more than a page ever shows. */
export async function pruneRuns(tx: Tx, sessionId: string): Promise<void> {
  const old = await tx.run.findMany({
    where: { sessionId },
    orderBy: { createdAt: "desc" },
    skip: RUNS_KEPT,
    select: { id: true },
  });
  if (old.length === 0) return;
  const ids = old.map(({ id }) => id);
  await tx.run.deleteMany({ where: { id: { in: ids } } });
  await tx.remoteJob.deleteMany({ where: { runId: { in: ids } } });
}
