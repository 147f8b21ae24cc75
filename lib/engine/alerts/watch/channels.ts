import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { ID_CEILING, ID_FLOOR, reconcileAlerts } from "../reconcile";

/** A receiver that restarts is no news. */
const PATIENCE_MS = 15 * 60_000;

/** One alert for each channel by which nothing has arrived for a while, or that its receiver switched off. There are 50 channels at most. */
export async function watchChannels(ctx: EngineContext): Promise<void> {
  const since = new Date(ctx.now().getTime() - PATIENCE_MS);
  const rows = await ctx.db.prisma.channel.findMany({
    where: { OR: [{ enabled: true, failingSince: { lt: since } }, { goneAt: { not: null } }] },
    orderBy: { id: "asc" },
  });
  const found = rows.map(({ id, name, goneAt, lastError }) => ({
    kind: "channel-failing" as const,
    severity: "warning" as const,
    subjectKind: "channel" as const,
    subjectId: id,
    title: goneAt ? `The channel ${name} was switched off` : `Nothing arrives by the channel ${name}`,
    detail: goneAt ? `Its receiver says that it is gone for good. ${lastError}` : lastError,
  }));
  const scope = { kinds: ["channel-failing"] as const, subjectKind: "channel" as const };
  await reconcileAlerts(ctx, { ...scope, after: ID_FLOOR, upTo: ID_CEILING }, found);
}
