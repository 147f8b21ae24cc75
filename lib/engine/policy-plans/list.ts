import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { notFound } from "@/lib/errors";
import type { Prisma } from "@/prisma/generated/client";
import { ListPlansInput, type Plan } from "./schemas";

/** Policies that were made on this core, by age, with their rules in full. */
export async function listPlans(ctx: EngineContext, given: ListPlansInput): Promise<{ items: Plan[]; total: number }> {
  const input = ListPlansInput.parse(given);
  const where = whereOf(input);
  const [rows, total] = await Promise.all([
    ctx.db.prisma.policy.findMany({
      where,
      include: withRules,
      orderBy: [{ createdAt: "asc" }, { id: "asc" }],
      take: input.limit,
      skip: input.offset,
    }),
    ctx.db.prisma.policy.count({ where }),
  ]);
  const held = await repositoriesOf(ctx, rows, input.tenantId);
  return { items: rows.map((row) => toPlan(row, held.get(row.id) ?? [])), total };
}

/** Throws `not_found`, also for a replica. */
export async function getPlan(
  ctx: EngineContext,
  { id, tenantId }: { id: string; tenantId: string | null },
): Promise<Plan> {
  const { items } = await listPlans(ctx, { id, tenantId, limit: 1 });
  if (!items[0]) throw notFound("policy");
  return items[0];
}

const withRules = {
  snapshotRules: {
    include: { snapshotRule: true },
    orderBy: [{ snapshotRule: { timeOfDay: "asc" } }, { snapshotRuleId: "asc" }],
  },
  replicationRules: {
    include: { replicationRule: { include: { pairing: { select: { peerName: true } } } } },
    orderBy: { replicationRuleId: "asc" },
  },
} as const satisfies Prisma.PolicyInclude;

type Row = Prisma.PolicyGetPayload<{ include: typeof withRules }>;

function whereOf({
  id,
  kind,
  tenantId,
  repositoryId,
}: ReturnType<typeof ListPlansInput.parse>): Prisma.PolicyWhereInput {
  const agents = repositoryId === undefined ? undefined : { some: { repositoryId, ...(tenantId ? { tenantId } : {}) } };
  const captures = { snapshotRules: { some: {} } };
  return {
    id,
    pairingId: null,
    agents,
    ...(kind === "capture" ? captures : {}),
    ...(kind === "replicate" ? { NOT: captures } : {}),
  };
}

async function repositoriesOf(ctx: EngineContext, rows: readonly { id: string }[], tenantId: string | null) {
  const found = await ctx.db.prisma.agent.findMany({
    where: { policyId: { in: rows.map(({ id }) => id) }, ...(tenantId ? { tenantId } : {}) },
    distinct: ["policyId", "repositoryId"],
    select: { policyId: true, repositoryId: true },
    orderBy: { repositoryId: "asc" },
  });
  const byPolicy = new Map<string, string[]>();
  for (const { policyId, repositoryId } of found) {
    const list = byPolicy.get(policyId ?? "") ?? [];
    list.push(repositoryId);
    byPolicy.set(policyId ?? "", list);
  }
  return byPolicy;
}

function toPlan({ id, name, createdAt, snapshotRules, replicationRules }: Row, repositoryIds: string[]): Plan {
  const replication = replicationRules[0]?.replicationRule;
  return {
    id,
    name,
    kind: snapshotRules.length > 0 ? "capture" : "replicate",
    snapshotRules: snapshotRules.map(({ snapshotRule: rule }) => ({
      intervalMinutes: rule.intervalMinutes,
      timeOfDay: rule.timeOfDay,
      daysOfWeek: rule.daysOfWeek,
      timeZone: rule.timeZone,
      retentionHours: rule.retentionHours,
      retentionCount: rule.retentionCount,
    })),
    replication: replication
      ? {
          pairingId: replication.pairingId,
          coreName: replication.pairing.peerName,
          rpoSeconds: replication.rpoSeconds,
        }
      : null,
    repositoryIds,
    createdAt: createdAt.toISOString(),
  };
}
