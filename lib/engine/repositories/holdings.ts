import "server-only";
import { type EngineContext, isBound } from "@/lib/engine/context";
import { notFound } from "@/lib/errors";
import { Prisma } from "@/prisma/generated/client";
import { type HeldAgent, type ListHoldingsInput, RepositoryHolding } from "./schemas";
import { spaceOf } from "./usage";

/** What a page about one repository can show; the rest of its agents is in their own list. */
const AGENTS_MAX = 256;

/** Repositories as one tenant has them, by age, with the agents in each. `total` counts all that fit. */
export async function listHoldings(
  ctx: EngineContext,
  input: ListHoldingsInput,
): Promise<{ items: RepositoryHolding[]; total: number }> {
  const where = filterOf(input);
  const { prisma } = ctx.db;
  const [rows, counted] = await Promise.all([
    prisma.$queryRaw<HoldingRow[]>`
      select r.id, r.name, r.description, r.path, r.created_at, r.synced_at, r.is_out_of_sync,
        (select coalesce(sum(pack.size_bytes), 0)::bigint from record_domain d join pack on pack.domain_id = d.id
          where d.repository_id = r.id and ${ofTenant(input.tenantId, "d")}) as stored_bytes,
        ${holdsReplicas(input.tenantId)} as holds_replicas
      from repository r where ${where} order by r.created_at, r.id limit ${input.limit} offset ${input.offset}`,
    prisma.$queryRaw<[{ total: bigint }]>`select count(*) as total from repository r where ${where}`,
  ]);
  const agents = await agentsOf(ctx, rows, input.tenantId);
  const items = await Promise.all(
    rows.map(async (row) =>
      RepositoryHolding.parse({
        ...toFields(ctx, row),
        ...(await spaceOf(ctx, row.id)),
        agents: agents.get(row.id) ?? [],
      }),
    ),
  );
  return { items, total: Number(counted[0].total) };
}

/** One repository as a tenant has it. Throws `not_found`. */
export async function getHolding(
  ctx: EngineContext,
  { id, tenantId }: { id: string; tenantId: string | null },
): Promise<RepositoryHolding> {
  const { items } = await listHoldings(ctx, { id, tenantId, limit: 1, offset: 0 });
  if (!items[0]) throw notFound("repository");
  return items[0];
}

interface HoldingRow {
  id: string;
  name: string;
  description: string;
  path: string;
  created_at: Date;
  synced_at: Date | null;
  is_out_of_sync: boolean;
  stored_bytes: bigint;
  holds_replicas: boolean;
}

const toFields = (ctx: EngineContext, row: HoldingRow) => ({
  id: row.id,
  name: row.name,
  description: row.description,
  path: isBound(ctx) ? "" : row.path,
  createdAt: row.created_at.toISOString(),
  syncedAt: row.synced_at?.toISOString() ?? null,
  isOutOfSync: row.is_out_of_sync,
  storedBytes: Number(row.stored_bytes),
  holdsReplicas: row.holds_replicas,
});

const ofTenant = (tenantId: string | null, alias: "a" | "d"): Prisma.Sql =>
  tenantId === null ? Prisma.sql`true` : Prisma.sql`${Prisma.raw(alias)}.tenant_id = ${tenantId}::uuid`;

const holdsReplicas = (tenantId: string | null) => Prisma.sql`exists (
  select 1 from agent a where a.repository_id = r.id and a.lead_pairing_id is not null and ${ofTenant(tenantId, "a")})`;

function filterOf(input: ListHoldingsInput): Prisma.Sql {
  const { tenantId, id, name, agentIds, policyId } = input;
  const held = (condition: Prisma.Sql) => Prisma.sql`exists (
    select 1 from agent a where a.repository_id = r.id and ${ofTenant(tenantId, "a")} and ${condition})`;
  const conditions = [Prisma.sql`true`];
  if (id !== undefined) conditions.push(Prisma.sql`r.id = ${id}::uuid`);
  if (name !== undefined) conditions.push(Prisma.sql`r.name = ${name}`);
  if (agentIds !== undefined) conditions.push(held(Prisma.sql`a.id = any(${agentIds}::uuid[])`));
  if (policyId !== undefined) conditions.push(held(Prisma.sql`a.policy_id = ${policyId}::uuid`));
  if (input.holdsReplicas !== undefined)
    conditions.push(Prisma.sql`${holdsReplicas(tenantId)} = ${input.holdsReplicas}`);
  return Prisma.join(conditions, " and ");
}

interface AgentRow {
  id: string;
  name: string;
  repository_id: string;
  is_replica: boolean;
  policy_id: string | null;
  state: HeldAgent["state"];
  recovery_points: bigint;
  stored_bytes: bigint;
  protected_bytes: bigint;
}

async function agentsOf(ctx: EngineContext, repositories: readonly { id: string }[], tenantId: string | null) {
  const rows = await ctx.db.prisma.$queryRaw<AgentRow[]>`
    select a.id, a.name, a.repository_id, a.lead_pairing_id is not null as is_replica, a.policy_id, points.*,
      case when a.deletion_asked_at is not null then 'deleting'
        when exists (select 1 from task t where t.agent_id = a.id and t.kind = 'restore' and t.state in ('queued', 'running'))
          then 'restoring'
        when exists (select 1 from task t where t.agent_id = a.id and t.kind = 'capture' and t.state in ('queued', 'running'))
          then 'capturing'
        else 'available' end as state
    from (
      select a.*, row_number() over (partition by a.repository_id order by a.name, a.id) as place from agent a
      where a.repository_id = any(${repositories.map(({ id }) => id)}::uuid[]) and a.kind = 'machine'
        and ${ofTenant(tenantId, "a")}
    ) as a
    cross join lateral (
      select count(*) as recovery_points, coalesce(sum(p.stored_bytes), 0)::bigint as stored_bytes,
        coalesce((select n.logical_bytes from recovery_point n where n.agent_id = a.id order by n.sequence desc limit 1), 0)
          as protected_bytes
      from recovery_point p where p.agent_id = a.id
    ) as points
    where a.place <= ${AGENTS_MAX} order by a.place`;
  const byRepository = new Map<string, HeldAgent[]>();
  for (const row of rows) {
    const list = byRepository.get(row.repository_id) ?? [];
    list.push(toHeldAgent(row));
    byRepository.set(row.repository_id, list);
  }
  return byRepository;
}

const toHeldAgent = (row: AgentRow): HeldAgent => ({
  id: row.id,
  name: row.name,
  isReplica: row.is_replica,
  policyId: row.policy_id,
  state: row.state,
  recoveryPoints: Number(row.recovery_points),
  storedBytes: Number(row.stored_bytes),
  protectedBytes: Number(row.protected_bytes),
});
