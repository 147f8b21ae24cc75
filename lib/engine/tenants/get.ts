import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { HOME_TENANT } from "@/lib/engine/core/home-tenant";
import { tenantQuotaStates } from "@/lib/engine/quotas/states";
import { notFound } from "@/lib/errors";
import type { TenantDetail } from "./schemas";

/** One customer of this core with what it has here now. Throws not_found. */
export async function getTenant(ctx: EngineContext, { id }: { id: string }): Promise<TenantDetail> {
  const [tenant, [usage]] = await Promise.all([
    ctx.db.prisma.tenant.findUnique({ where: { id } }),
    ctx.db.prisma.$queryRaw<[Usage]>`
      select
        (select count(*)::int from agent where tenant_id = ${id}::uuid and kind = 'machine') as agents,
        (select count(*)::int from pairing where tenant_id = ${id}::uuid and state = 'established') as pairings,
        count(p.id)::int as points, coalesce(sum(p.stored_bytes), 0)::bigint as stored_bytes,
        coalesce(sum(p.logical_bytes) filter (where p.is_newest and p.kind = 'machine'), 0)::bigint as protected_bytes
      from (
        select point.id, point.stored_bytes, point.logical_bytes, agent.kind,
          point.sequence = max(point.sequence) over (partition by point.agent_id) as is_newest
        from recovery_point as point join agent on agent.id = point.agent_id where agent.tenant_id = ${id}::uuid
      ) as p`,
  ]);
  if (!tenant) throw notFound("tenant");
  const states = await tenantQuotaStates(ctx, [id]);
  const { name, customerId, contactEmail, timeZone, notes, statementEmails, createdAt } = tenant;
  return {
    ...{ id, name, customerId, contactEmail, timeZone, notes, statementEmails },
    isHome: name === HOME_TENANT,
    agents: usage.agents,
    pairings: usage.pairings,
    recoveryPoints: usage.points,
    protectedBytes: Number(usage.protected_bytes),
    storedBytes: Number(usage.stored_bytes),
    quotaState: states.get(id) ?? "none",
    createdAt: createdAt.toISOString(),
  };
}

interface Usage {
  agents: number;
  pairings: number;
  points: number;
  stored_bytes: bigint;
  protected_bytes: bigint;
}

/** Id and name of a customer. Throws not_found. */
export async function getTenantName(ctx: EngineContext, { id }: { id: string }): Promise<{ id: string; name: string }> {
  const tenant = await ctx.db.prisma.tenant.findUnique({ where: { id }, select: { id: true, name: true } });
  if (!tenant) throw notFound("tenant");
  return tenant;
}

/** The customer of this name; null when there is none. */
export function findTenantByName(
  ctx: EngineContext,
  { name }: { name: string },
): Promise<{ id: string; name: string } | null> {
  return ctx.db.prisma.tenant.findUnique({ where: { name }, select: { id: true, name: true } });
}
