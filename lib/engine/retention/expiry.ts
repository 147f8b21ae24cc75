import "server-only";
import type { EngineContext } from "@/lib/engine/context";

const HOUR_MS = 3600_000;

/** When retention may delete a point that a rule makes now; null: the rule keeps its points, or is gone. */
export async function expiryBy(ctx: EngineContext, snapshotRuleId: string, createdAt: Date): Promise<Date | null> {
  const rule = await ctx.db.prisma.snapshotRule.findUnique({
    where: { id: snapshotRuleId },
    select: { retentionHours: true },
  });
  return rule?.retentionHours ? new Date(createdAt.getTime() + rule.retentionHours * HOUR_MS) : null;
}
