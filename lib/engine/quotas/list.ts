import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { behindName, toNamePage } from "@/lib/engine/name-cursor";
import { requireAgent, requireTenant } from "./find";
import { limitOf, worse } from "./judge";
import { reportQuotas } from "./report";
import type {
  AgentQuotas,
  ListQuotasInput,
  QuotaPage,
  QuotaReport,
  QuotaState,
  SubjectQuotas,
  TenantQuotas,
  WaitingAgent,
} from "./schemas";

/** A person reads so many; the worst are first. */
const AGENTS_SHOWN = 50;
/** Agents with quotas of their own whose standing is worked out to find the worst. */
const AGENTS_JUDGED = 2_000;

/** How every tenant stands, by name: what is used, of how much, until when. */
export async function listQuotas(ctx: EngineContext, input: ListQuotasInput): Promise<QuotaPage> {
  const { limit, tenantId, cursor } = input;
  const where = tenantId ? { id: tenantId } : {};
  const [rows, total] = await Promise.all([
    ctx.db.prisma.tenant.findMany({
      where: { AND: [where, behindName(cursor)] },
      select: { id: true, name: true },
      orderBy: [{ name: "asc" }, { id: "asc" }],
      take: limit + 1,
    }),
    ctx.db.prisma.tenant.count({ where }),
  ]);
  const { items, nextCursor } = toNamePage(rows, limit, total);
  const ids = items.map(({ id }) => id);
  const [reports, waiting] = await Promise.all([
    reportQuotas(ctx, "tenant", ids),
    ctx.db.prisma.quotaRefusal.groupBy({ by: ["tenantId"], where: { tenantId: { in: ids } }, _count: true }),
  ]);
  const waitingOf = new Map(waiting.map((group) => [group.tenantId, group._count]));
  return {
    items: items.map((tenant) => {
      const quotas = reports.get(tenant.id) ?? [];
      return { tenant, quotas, state: worstOf(quotas), waitingAgents: waitingOf.get(tenant.id) ?? 0 };
    }),
    nextCursor,
    total,
  };
}

const worstOf = (quotas: readonly QuotaReport[]): QuotaState =>
  quotas.reduce<QuotaState>((worst, { state }) => worse(worst, state), "none");

/** A tenant's quotas, its agents that have quotas of their own, and those whose data they keep out. Throws `not_found`. */
export async function getTenantQuotas(ctx: EngineContext, { tenantId }: { tenantId: string }): Promise<TenantQuotas> {
  const tenant = await requireTenant(ctx.db.prisma, tenantId);
  const [reports, agents, waiting] = await Promise.all([
    reportQuotas(ctx, "tenant", [tenantId]),
    limitedAgents(ctx, tenantId),
    readWaiting(ctx, { tenantId }),
  ]);
  return { subject: { kind: "tenant", ...tenant }, quotas: reports.get(tenantId) ?? [], agents, waiting };
}

/** An agent's quotas, those of its tenant, which bind it too, and whether its data are kept out. Throws `not_found`. */
export async function getAgentQuotas(ctx: EngineContext, { agentId }: { agentId: string }): Promise<AgentQuotas> {
  const { tenantId, ...agent } = await requireAgent(ctx.db.prisma, agentId);
  const tenant = await requireTenant(ctx.db.prisma, tenantId);
  const [own, theirs, waiting] = await Promise.all([
    reportQuotas(ctx, "agent", [agentId]),
    reportQuotas(ctx, "tenant", [tenantId]),
    readWaiting(ctx, { agentId }),
  ]);
  return {
    subject: { kind: "agent", ...agent },
    quotas: own.get(agentId) ?? [],
    tenant: { subject: { kind: "tenant", ...tenant }, quotas: theirs.get(tenantId) ?? [] },
    waiting: waiting[0] ?? null,
  };
}

async function limitedAgents(ctx: EngineContext, tenantId: string): Promise<SubjectQuotas[]> {
  const agents = await ctx.db.prisma.agent.findMany({
    where: { tenantId, quotas: { some: {} } },
    select: { id: true, name: true },
    orderBy: [{ name: "asc" }, { id: "asc" }],
    take: AGENTS_JUDGED,
  });
  const ids = agents.map(({ id }) => id);
  const standing = await reportQuotas(ctx, "agent", ids, { predicts: false });
  const worst = agents
    .toSorted((a, b) => shareOf(standing.get(b.id)) - shareOf(standing.get(a.id)))
    .slice(0, AGENTS_SHOWN);
  const reports = await reportQuotas(
    ctx,
    "agent",
    worst.map(({ id }) => id),
  );
  return worst.map((agent) => ({ subject: { kind: "agent" as const, ...agent }, quotas: reports.get(agent.id) ?? [] }));
}

/** How much of its quotas is used, of the fuller one. */
const shareOf = (quotas: readonly QuotaReport[] = []): number =>
  Math.max(
    0,
    ...quotas.map((quota) => quota.usedBytes / (limitOf(quota) ?? quota.softBytes ?? Number.POSITIVE_INFINITY)),
  );

async function readWaiting(
  ctx: EngineContext,
  where: { tenantId: string } | { agentId: string },
): Promise<WaitingAgent[]> {
  const rows = await ctx.db.prisma.quotaRefusal.findMany({
    where,
    include: { agent: { select: { id: true, name: true } } },
    orderBy: { agent: { name: "asc" } },
    take: AGENTS_SHOWN,
  });
  return rows.map(({ agent, meter, message, firstAt }) => ({ agent, meter, message, since: firstAt.toISOString() }));
}
