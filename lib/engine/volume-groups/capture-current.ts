import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { getSessionSummary } from "@/lib/engine/sessions/get";
import type { SessionOperation } from "@/lib/engine/sessions/schemas";
import { startPolicyCapture } from "@/lib/engine/tasks/start-capture";

/**
 * Queues a capture of what the disks of a session's agent hold just now, if this core keeps such disks and may order `operation`: so
 * that a sync brings the present over, and a planned failover, which waits for captures that were queued before it, loses nothing. What
 * forbids the operation is left for its own verb to say. Again, while one is queued, changes nothing.
 */
export async function captureCurrent(
  ctx: EngineContext,
  { sessionId, operation }: { sessionId: string; operation: SessionOperation },
): Promise<void> {
  const session = await getSessionSummary(ctx, { id: sessionId });
  const isAllowed = session.allowed.some((one) => one.operation === operation && one.allowed);
  if (session.role !== "source" || !isAllowed) return;
  const where = { agentId: session.agent.id, managedBytes: { not: null }, path: { not: null }, removedAt: null };
  if ((await ctx.db.prisma.volume.count({ where })) === 0) return;
  await startPolicyCapture(
    ctx,
    { agentId: session.agent.id },
    { origin: "replication", alongside: async () => undefined },
  );
}
