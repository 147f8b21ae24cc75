import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { HOME_TENANT } from "@/lib/engine/core/home-tenant";
import type { QuotaState } from "@/lib/engine/quotas/schemas";
import { tenantQuotaStates } from "@/lib/engine/quotas/states";
import { Prisma } from "@/prisma/generated/client";
import type { ListTenantsInput, TenantSummary } from "./schemas";

/**
 * The customers of this core by name, each with what the ledger said of it last: counting a million recovery points for a list would take
 * seconds. `cursor` is the name of the last one before.
 */
export async function listTenants(
  ctx: EngineContext,
  input: ListTenantsInput,
): Promise<{ items: TenantSummary[]; nextCursor: string | null; total: number }> {
  const filter = matching(input.search);
  const after = input.cursor === undefined ? Prisma.sql`true` : Prisma.sql`name > ${input.cursor}`;
  const [[counted], rows] = await Promise.all([
    ctx.db.prisma.$queryRaw<[{ total: number }]>`select count(*)::int as total from tenant where ${filter}`,
    ctx.db.prisma.$queryRaw<Row[]>`
      select t.id, t.name, t.customer_id, t.contact_email, t.time_zone, t.created_at, pairings.count as pairings,
        usage.agents, usage.points, usage.protected_bytes, usage.stored_bytes
      from (select * from tenant where ${filter} and ${after} order by name limit ${input.limit + 1}) as t
      cross join lateral (
        select count(*)::int as count from pairing where tenant_id = t.id and state = 'established'
      ) as pairings
      cross join lateral (
        select (count(*) filter (where agent.kind = 'machine'))::int as agents,
          coalesce(sum(last.recovery_points), 0)::int as points,
          coalesce(sum(last.protected_bytes), 0)::bigint as protected_bytes,
          coalesce(sum(last.stored_bytes), 0)::bigint as stored_bytes
        from agent left join lateral (
          select recovery_points, protected_bytes, stored_bytes from usage_entry
          where agent_id = agent.id and origin = 'measured' order by at desc, id desc limit 1
        ) as last on true
        where agent.tenant_id = t.id
      ) as usage
      order by t.name`,
  ]);
  const shown = rows.slice(0, input.limit);
  const states = await tenantQuotaStates(
    ctx,
    shown.map(({ id }) => id),
  );
  const items = shown.map((row) => toSummary(row, states.get(row.id) ?? "none"));
  return { items, nextCursor: rows.length > input.limit ? (items.at(-1)?.name ?? null) : null, total: counted.total };
}

function matching(search: string | undefined): Prisma.Sql {
  if (!search) return Prisma.sql`true`;
  const pattern = `%${search.replace(/[\\%_]/g, "\\$&")}%`;
  return Prisma.sql`(name ilike ${pattern} or customer_id ilike ${pattern})`;
}

interface Row {
  id: string;
  name: string;
  customer_id: string;
  contact_email: string;
  time_zone: string;
  created_at: Date;
  pairings: number;
  agents: number;
  points: number;
  protected_bytes: bigint;
  stored_bytes: bigint;
}

const toSummary = (row: Row, quotaState: QuotaState): TenantSummary => ({
  id: row.id,
  name: row.name,
  customerId: row.customer_id,
  contactEmail: row.contact_email,
  timeZone: row.time_zone,
  isHome: row.name === HOME_TENANT,
  agents: row.agents,
  pairings: row.pairings,
  recoveryPoints: row.points,
  protectedBytes: Number(row.protected_bytes),
  storedBytes: Number(row.stored_bytes),
  quotaState,
  createdAt: row.created_at.toISOString(),
});
