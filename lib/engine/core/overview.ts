import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { listRepositories } from "@/lib/engine/repositories";
import type { Overview } from "./schemas";
import { getCoreSummary } from "./summary";

/** As many points as a chart can show; with a sample an hour, about twenty days. */
const USAGE_POINTS_MAX = 480;
/** One page holds them: a core with more repositories than this shows the sums of its first by name. */
const REPOSITORIES_MAX = 200;

type Counts = Record<keyof Overview["counts"], bigint>;

/** What the first page shows: counts, storage, usage over time. */
export async function getOverview(ctx: EngineContext, _input: Record<string, never>): Promise<Overview> {
  const [core, counts, repositories, usage] = await Promise.all([
    getCoreSummary(ctx, {}),
    countAll(ctx),
    listRepositories(ctx, { limit: REPOSITORIES_MAX }),
    usageOverTime(ctx),
  ]);
  const sum = (pick: (repository: (typeof repositories.items)[number]) => number) =>
    repositories.items.reduce((total, repository) => total + pick(repository), 0);
  return {
    core,
    counts: { ...counts, recoveryPoints: sum((repository) => repository.recoveryPoints) },
    storage: {
      storedBytes: sum((repository) => repository.storedBytes),
      logicalBytes: sum((repository) => repository.logicalBytes),
      freeBytes: sum((repository) => repository.freeBytes),
      totalBytes: sum((repository) => repository.totalBytes),
    },
    usage,
  };
}

async function countAll(ctx: EngineContext): Promise<Overview["counts"]> {
  const [row] = await ctx.db.prisma.$queryRaw<Counts[]>`
    select
      (select count(*) from pairing where side = 'target' and state = 'pending') as "pendingPairings",
      (select count(*) from pairing_agent join pairing on pairing.id = pairing_agent.pairing_id
        where side = 'target' and pairing.state = 'established' and pairing_agent.state = 'pending') as "pendingAgents",
      (select count(*) from pairing where state = 'established') as "peers",
      (select count(*) from agent where kind = 'machine') as "agents",
      0::bigint as "recoveryPoints",
      (select count(*) from replication_session where state <> 'ended') as "sessions",
      (select count(*) from replication_session where state <> 'ended'
        and coalesce(newest_point_at, created_at) < ${ctx.now()}::timestamptz - make_interval(secs => rpo_seconds)) as "sessionsBehind",
      (select count(*) from replication_session where state <> 'ended' and consecutive_failures > 0) as "sessionsFailing",
      (select count(*) from run where state in ('queued', 'running')) as "runsActive",
      (select count(*) from task where state in ('queued', 'running')) as "tasksActive"`;
  // Each subselect counts, so there is exactly one row and every value is a bigint.
  return Object.fromEntries(
    Object.entries(row ?? {}).map(([name, count]) => [name, Number(count)]),
  ) as Overview["counts"];
}

async function usageOverTime(ctx: EngineContext): Promise<Overview["usage"]> {
  const rows = await ctx.db.prisma.$queryRaw<{ at: Date; stored: bigint; logical: bigint }[]>`
    select at, sum(stored_bytes)::bigint as stored, sum(logical_bytes)::bigint as logical
    from usage_sample group by at order by at desc limit ${USAGE_POINTS_MAX}`;
  return rows
    .reverse()
    .map((row) => ({ at: row.at.toISOString(), storedBytes: Number(row.stored), logicalBytes: Number(row.logical) }));
}
