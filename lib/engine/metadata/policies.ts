import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { rulesOf, summaryOf, withRules } from "@/lib/engine/policies/convert";
import type { StartMetadataUpdateRequest } from "@/lib/engine/replication/peer-schemas";

type Policies = NonNullable<StartMetadataUpdateRequest["policies"]>;

/** What one metadata update takes of a text. */
const SUMMARY_MAX = 500;
/** The agent's own, and those of its volumes. */
const POLICIES_MAX = 100;

/** The policies of this core that protect an agent, as a whole or with some of its volumes, with their rules. */
export async function policiesOfAgent(ctx: EngineContext, agentId: string): Promise<Policies> {
  const [agent, rows] = await Promise.all([
    ctx.db.prisma.agent.findUnique({ where: { id: agentId }, select: { policyId: true } }),
    ctx.db.prisma.policy.findMany({
      where: { pairingId: null, OR: [{ agents: { some: { id: agentId } } }, { volumes: { some: { agentId } } }] },
      include: { ...withRules, volumes: { where: { agentId }, select: { id: true }, orderBy: { id: "asc" } } },
      orderBy: { id: "asc" },
      take: POLICIES_MAX,
    }),
  ]);
  return rows.map((row) => {
    const rules = rulesOf(row);
    return {
      id: row.id,
      name: row.name,
      summary: summaryOf(rules).slice(0, SUMMARY_MAX),
      description: row.description,
      ...rules,
      isOfAgent: agent?.policyId === row.id,
      volumeIds: row.volumes.map(({ id }) => id),
    };
  });
}
