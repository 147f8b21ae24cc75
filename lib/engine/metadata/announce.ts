import "server-only";
import type { Tx } from "@/lib/db/client";
import type { EngineContext } from "@/lib/engine/context";
import { notFound } from "@/lib/errors";

/** In these a change waits: what comes after them looks at everything. */
const AT_REST = ["pausing", "paused", "failing_over_for_dr", "failed_over", "deleting", "ended"] as const;

/** Targets of one agent. */
const SESSIONS_MAX = 100;

/**
 * The next version of an agent's metadata, for a change in this transaction. The agent's row stays locked until it commits, so
 * that versions become visible in order and no target can miss one. Throws `not_found`.
 */
export async function raiseMetadataVersion(tx: Tx, agentId: string): Promise<bigint> {
  const [row] = await tx.$queryRaw<{ version: bigint }[]>`
    update agent set metadata_version = metadata_version + 1 where id = ${agentId}::uuid returning metadata_version as version`;
  if (!row) throw notFound("agent");
  return row.version;
}

/**
 * After a change: asks for runs that tell the targets. The wish is kept in the session too, because the queue drops a request for a run
 * while one is running, and that one may have looked already.
 */
export async function wakeTargets(ctx: EngineContext, agentId: string): Promise<void> {
  const sessions = await ctx.db.prisma.replicationSession.updateManyAndReturn({
    where: { agentId, side: "source", state: { notIn: [...AT_REST] } },
    data: { nextRunAt: ctx.now() },
    select: { id: true },
    limit: SESSIONS_MAX,
  });
  // Where the other core does the calling, it hears of the wish within a minute, and fetches.
  await ctx.db.prisma.replicationSession.updateMany({
    where: { agentId, side: "target", role: "source", state: { notIn: [...AT_REST] } },
    data: { nextRunAt: ctx.now() },
  });
  for (const { id } of sessions) await ctx.enqueue("run-replication", { sessionId: id }, { key: id });
}

/** A target that got points by another way than a run is told all labels, locks and deletions anew. */
export async function retellMetadata(tx: Tx, session: { agentId: string; pairingId: string }): Promise<void> {
  const { agentId, pairingId } = session;
  await tx.replicationSession.updateMany({
    where: { agentId, pairingId, side: "source" },
    data: { metadataVersion: 0n },
  });
}
