import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { ID_CEILING, ID_FLOOR, reconcileAlerts } from "../reconcile";

interface LostRow {
  readonly id: string;
  readonly name: string;
  readonly points: number;
  readonly agents: string[];
}

/** Agents that are named; the repository's page has the rest. */
const AGENTS_NAMED = 5;

/** One alert for each repository that lost recovery points, for as long as it lacks them. There are some dozens of repositories. */
export async function watchRepositories(ctx: EngineContext): Promise<void> {
  const { rows } = await ctx.db.pool.query<LostRow>(
    `select r.id, r.name, count(*)::int as points, array_agg(distinct a.name order by a.name) as agents
     from recovery_point p join repository r on r.id = p.repository_id join agent a on a.id = p.agent_id
     where p.lost_at is not null group by r.id order by r.id`,
  );
  const found = rows.map(({ id, name, points, agents }) => ({
    kind: "points-lost" as const,
    severity: "critical" as const,
    subjectKind: "repository" as const,
    subjectId: id,
    title: `${points === 1 ? "A recovery point" : `${points} recovery points`} in ${name} cannot be restored`,
    detail: `Files of them are missing or damaged. Of ${namesOf(agents)}.`,
  }));
  const scope = { kinds: ["points-lost"] as const, subjectKind: "repository" as const };
  await reconcileAlerts(ctx, { ...scope, after: ID_FLOOR, upTo: ID_CEILING }, found);
}

function namesOf(agents: readonly string[]): string {
  const named = agents.slice(0, AGENTS_NAMED).join(", ");
  return agents.length > AGENTS_NAMED ? `${named} and ${agents.length - AGENTS_NAMED} more agents` : named;
}
