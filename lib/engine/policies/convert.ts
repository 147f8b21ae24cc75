import { wordsOfReplication } from "@/lib/engine/replication-rules/convert";
import { wordsOfRule } from "@/lib/engine/snapshot-rules/words";
import type { Prisma } from "@/prisma/generated/client";
import { readReplicaRules } from "./replica";
import type { Policy, PolicyRule } from "./schemas";

export const withRules = {
  pairing: { select: { id: true, peerName: true } },
  snapshotRules: { include: { snapshotRule: true }, orderBy: { snapshotRule: { name: "asc" } } },
  replicationRules: {
    include: { replicationRule: { include: { pairing: { select: { peerName: true } } } } },
    orderBy: { replicationRule: { name: "asc" } },
  },
  _count: { select: { agents: true, volumes: true } },
} as const satisfies Prisma.PolicyInclude;

export type PolicyRow = Prisma.PolicyGetPayload<{ include: typeof withRules }>;

export function toPolicy(row: PolicyRow): Policy {
  const { id, name, description, isReadOnly, pairing } = row;
  return {
    id,
    name,
    description,
    isReadOnly,
    replicaOf: pairing && { pairingId: pairing.id, name: pairing.peerName },
    ...rulesOf(row),
    agents: row._count.agents,
    volumes: row._count.volumes,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  };
}

/** The rules that count: those of this core, or what the source said of its own. */
export function rulesOf(row: Pick<PolicyRow, "pairing" | "replica" | "snapshotRules" | "replicationRules">): {
  snapshotRules: PolicyRule[];
  replicationRules: PolicyRule[];
} {
  if (row.pairing) return readReplicaRules(row.replica);
  return {
    snapshotRules: row.snapshotRules.map(({ snapshotRule: rule }) => ({
      id: rule.id,
      name: rule.name,
      summary: wordsOfRule(rule),
    })),
    replicationRules: row.replicationRules.map(({ replicationRule: rule }) => ({
      id: rule.id,
      name: rule.name,
      summary: wordsOfReplication({ targetName: rule.pairing.peerName, rpoSeconds: rule.rpoSeconds }),
    })),
  };
}

/** A policy in one line: what its rules say. */
export const summaryOf = ({
  snapshotRules,
  replicationRules,
}: Pick<Policy, "snapshotRules" | "replicationRules">): string =>
  [...snapshotRules, ...replicationRules].map(({ summary }) => summary).join("; ");
