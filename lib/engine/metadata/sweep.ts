import "server-only";
import type { EngineContext } from "@/lib/engine/context";

/** An update takes seconds: one that is older has lost whoever worked on it, or waits in the queue, where it is not asked for twice. */
const LOST_SECONDS = 60;
const AGENTS_MAX = 500;
/** A target that was told nothing for so long does not learn of older deletions. */
const DELETIONS_KEPT_DAYS = 400;

/** Asks again for updates whose worker was lost, and forgets deletions that nobody came to hear of. Part of the sweep. */
export async function sweepMetadata(ctx: EngineContext): Promise<void> {
  const ago = (seconds: number) => new Date(ctx.now().getTime() - seconds * 1000);
  const lost = await ctx.db.prisma.metadataUpdate.findMany({
    where: { state: "running", createdAt: { lt: ago(LOST_SECONDS) } },
    distinct: ["agentId"],
    select: { agentId: true },
    take: AGENTS_MAX,
  });
  for (const { agentId } of lost) await ctx.enqueue("update-metadata", { agentId }, { key: agentId });
  await ctx.db.prisma.deletedRecoveryPoint.deleteMany({ where: { at: { lt: ago(DELETIONS_KEPT_DAYS * 86_400) } } });
}
