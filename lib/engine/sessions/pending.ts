import type { Tx } from "@/lib/db/client";
import type { Prisma, ReplicationSession } from "@/prisma/generated/client";
import { Prisma as PrismaValues } from "@/prisma/generated/client";

/** What this core alone still has to do of an order is one of "take-over", "synced", "materialize". */
export function pendingOf({ pendingOrder }: Pick<ReplicationSession, "pendingOrder">): string | null {
  const order = (pendingOrder as { order?: unknown } | null)?.order;
  return typeof order === "string" ? order : null;
}

/** Is there something that advanceSession has to do? */
export function hasWorkHere(session: ReplicationSession): boolean {
  const lost = session.keepSide !== null && session.keepSide !== session.side;
  const stale = session.role === "source" && pendingOf(session) === "materialize";
  return session.state === "failing_over_for_dr" || lost || stale;
}

/**
 * For a core that becomes current: disk images that it keeps itself are not yet what the newest point shows, and nothing is
 * captured from them before they are. Nothing is pending for an agent without any.
 */
export async function staleDisks(
  tx: Tx,
  agentId: string,
): Promise<Prisma.InputJsonObject | typeof PrismaValues.DbNull> {
  const managed = await tx.volume.count({ where: { agentId, managedBytes: { not: null }, removedAt: null } });
  return managed > 0 ? { order: "materialize" } : PrismaValues.DbNull;
}
