import "server-only";
import type { EngineContext } from "@/lib/engine/context";

/** A running session writes every second or two; one this silent has lost its process. */
const SILENT_MS = 2 * 60_000;
/** More are left for the next sweep. */
const SESSIONS_MAX = 100;

/** Brings back sessions whose job was lost. Part of the sweep. */
export async function sweepSyncSessions(ctx: EngineContext): Promise<void> {
  const silent = await ctx.db.prisma.syncSession.findMany({
    where: {
      state: { in: ["queued", "running"] },
      updatedAt: { lt: new Date(ctx.now().getTime() - SILENT_MS) },
    },
    orderBy: { id: "asc" },
    select: { id: true },
    take: SESSIONS_MAX,
  });
  // A job that exists is not queued twice.
  for (const { id } of silent) await ctx.enqueue("sync-repository", { syncSessionId: id }, { key: id });
}
