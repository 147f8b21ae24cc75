import { wordsOfMinutes } from "@/lib/engine/snapshot-rules/words";
import type { Prisma } from "@/prisma/generated/client";
import type { ReplicationRule } from "./schemas";

/** Policies that are named with a rule; a page of policies names the rest. */
const POLICIES_MAX = 50;

export const withUse = {
  pairing: { select: { id: true, peerName: true } },
  policies: {
    include: { policy: { select: { id: true, name: true } } },
    take: POLICIES_MAX,
    orderBy: { policyId: "asc" },
  },
  _count: { select: { sessions: { where: { state: { notIn: ["deleting", "ended"] } } } } },
} as const satisfies Prisma.ReplicationRuleInclude;

type Row = Prisma.ReplicationRuleGetPayload<{ include: typeof withUse }>;

export function toReplicationRule(row: Row): ReplicationRule {
  const { id, name, pairing, rpoSeconds, alertThresholdMinutes, isReadOnly, policies } = row;
  return {
    id,
    name,
    target: { pairingId: pairing.id, name: pairing.peerName },
    rpoSeconds,
    alertThresholdMinutes,
    isReadOnly,
    summary: wordsOfReplication({ targetName: pairing.peerName, rpoSeconds }),
    sessions: row._count.sessions,
    policies: policies.map(({ policy }) => policy),
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  };
}

/** "to Second site, at most 15 minutes behind" */
export function wordsOfReplication({ targetName, rpoSeconds }: { targetName: string; rpoSeconds: number }): string {
  const words = wordsOfMinutes(Math.ceil(rpoSeconds / 60));
  return `to ${targetName}, at most ${/^\d/.test(words) ? words : `1 ${words}`} behind`;
}
