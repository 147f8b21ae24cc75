import { leaderOfAgent, withLeadPairing } from "@/lib/engine/agents/led";
import type { Prisma } from "@/prisma/generated/client";

/** What has to be known of a point to say who leads it. */
export const withLeader = {
  agent: { include: withLeadPairing },
} satisfies Prisma.RecoveryPointInclude;

type LedPoint = Prisma.RecoveryPointGetPayload<{ include: typeof withLeader }>;

/**
 * The name of the core whose word counts for this point's label, lock and existence: the core that is current for its agent,
 * while the pairing lasts and that core has the point itself. null: people here decide.
 */
export function leaderOf({ agent, deletedOnSourceAt }: Pick<LedPoint, "agent" | "deletedOnSourceAt">): string | null {
  return deletedOnSourceAt === null ? leaderOfAgent(agent) : null;
}
