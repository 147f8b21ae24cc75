import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { notFound } from "@/lib/errors";
import { toPolicy, withRules } from "./convert";
import type { PolicyDetail, Protected } from "./schemas";

/** What a page names; the list of agents has the rest. */
const PROTECTED_MAX = 100;

/** Throws `not_found`. */
export async function getPolicy(ctx: EngineContext, { id }: { id: string }): Promise<PolicyDetail> {
  const [row, protects] = await Promise.all([
    ctx.db.prisma.policy.findUnique({ where: { id }, include: withRules }),
    readProtected(ctx, id),
  ]);
  if (!row) throw notFound("policy");
  return { ...toPolicy(row), protects };
}

async function readProtected(ctx: EngineContext, policyId: string): Promise<Protected[]> {
  const rows = await ctx.db.prisma.$queryRaw<
    { kind: Protected["kind"]; id: string; name: string; agent_id: string; agent_name: string }[]
  >`
    select 'agent' as kind, id, name, id as agent_id, name as agent_name from agent where policy_id = ${policyId}::uuid
    union all
    select 'volume', v.id, v.name, a.id, a.name from volume v join agent a on a.id = v.agent_id
    where v.policy_id = ${policyId}::uuid
    order by agent_name, name, id limit ${PROTECTED_MAX}`;
  return rows.map(({ kind, id, name, agent_id, agent_name }) => ({
    kind,
    id,
    name,
    agent: { id: agent_id, name: agent_name },
  }));
}
