import "server-only";
import type { EngineContext } from "@/lib/engine/context";

const KEPT_HOURS = 24;

/** Forgets events that no page can still be waiting for. */
export async function trimEvents(ctx: EngineContext): Promise<void> {
  await ctx.db.prisma.event.deleteMany({
    where: { at: { lt: new Date(ctx.now().getTime() - KEPT_HOURS * 3_600_000) } },
  });
}
