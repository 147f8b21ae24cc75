import type { Prisma } from "@/prisma/generated/client";
import type { SnapshotRule } from "./schemas";
import { wordsOfRule } from "./words";

/** Policies that are named with a rule; a page of policies names the rest. */
const POLICIES_MAX = 50;

export const withPolicies = {
  policies: {
    include: { policy: { select: { id: true, name: true } } },
    take: POLICIES_MAX,
    orderBy: { policyId: "asc" },
  },
} as const satisfies Prisma.SnapshotRuleInclude;

type Row = Prisma.SnapshotRuleGetPayload<{ include: typeof withPolicies }>;

export function toSnapshotRule(row: Row): SnapshotRule {
  const { policies, createdAt, updatedAt, ...rest } = row;
  return {
    ...rest,
    summary: wordsOfRule(row),
    policies: policies.map(({ policy }) => policy),
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
  };
}
