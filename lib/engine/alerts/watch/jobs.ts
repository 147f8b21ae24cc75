import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { idOf } from "@/lib/engine/job-failures";
import { formatNumberOf } from "@/lib/format";
import { type FoundAlert, ID_CEILING, ID_FLOOR, reconcileAlerts } from "../reconcile";

/** One failure is a try, so are two. */
const FAILURES_MIN = 3;
/** A job that has not failed for so long is well again; the rarest runs once an hour. */
const FORGOTTEN_MS = 2 * 3600_000;
/** Captures and restores that failed longer ago were looked at, or never will be. */
const TASKS_MS = 24 * 3600_000;
/** Rows read at once: causes, of which there are few. */
const CAUSES_MAX = 1_000;

/** One alert for each job, or kind of task, and what it fails on, however often and for however many agents it does. */
export async function watchJobs(ctx: EngineContext): Promise<void> {
  const [jobs, tasks] = await Promise.all([findJobs(ctx), findTasks(ctx)]);
  const scope = { kinds: ["job-failing"] as const, subjectKind: "job" as const };
  await reconcileAlerts(ctx, { ...scope, after: ID_FLOOR, upTo: ID_CEILING }, [...jobs, ...tasks]);
}

async function findJobs(ctx: EngineContext): Promise<FoundAlert[]> {
  const since = new Date(ctx.now().getTime() - FORGOTTEN_MS);
  const { prisma } = ctx.db;
  await prisma.jobFailure.deleteMany({ where: { lastAt: { lt: since } } });
  const rows = await prisma.jobFailure.findMany({
    where: { count: { gte: FAILURES_MIN } },
    orderBy: { id: "asc" },
    take: CAUSES_MAX,
  });
  return rows.map(({ id, job, message, count }) => ({
    kind: "job-failing",
    severity: "warning",
    subjectKind: "job",
    subjectId: id,
    title: `The job “${job}” fails again and again`,
    detail: message,
    count,
  }));
}

interface TaskRow {
  readonly kind: string;
  readonly message: string;
  readonly agentId: string | null;
  readonly agentName: string | null;
  readonly tenantId: string | null;
}

const TASKS_MAX = 20_000;
const WORDS: Readonly<Record<string, readonly [one: string, many: string]>> = {
  capture: ["capture", "captures"],
  restore: ["restore", "restores"],
  export_seed_drive: ["export of a seed drive", "exports of seed drives"],
  consume_seed_drive: ["import of a seed drive", "imports of seed drives"],
};

/** Tasks of the last day that failed, and of whose agent none of the kind has succeeded since. */
async function findTasks(ctx: EngineContext): Promise<FoundAlert[]> {
  const since = new Date(ctx.now().getTime() - TASKS_MS);
  const rows = await ctx.db.prisma.$queryRaw<TaskRow[]>`
    select t.kind::text as kind, coalesce(t.failure_message, '') as message, t.agent_id as "agentId", a.name as "agentName",
      a.tenant_id as "tenantId"
    from task t left join agent a on a.id = t.agent_id
    where t.state = 'failed' and t.created_at > ${since} and not exists (
      select from task s where s.agent_id = t.agent_id and s.kind = t.kind and s.state = 'succeeded'
        and s.created_at > t.created_at
    ) and not (t.agent_id is null and exists (
      select from task s where s.agent_id is null and s.kind = t.kind and s.state = 'succeeded' and s.created_at > t.created_at))
    order by t.created_at desc limit ${TASKS_MAX}`;
  const groups = new Map<string, TaskRow[]>();
  for (const row of rows) {
    const id = idOf(`task ${row.kind}`, row.message);
    const group = groups.get(id);
    if (group) group.push(row);
    else groups.set(id, [row]);
  }
  return [...groups].flatMap(([id, group]) => (group.length >= FAILURES_MIN ? toAlert(id, group) : []));
}

function toAlert(id: string, group: readonly TaskRow[]): FoundAlert[] {
  const [newest] = group;
  if (!newest) return [];
  const agents = new Set(group.map(({ agentId }) => agentId)).size;
  const tenants = new Set(group.map(({ tenantId }) => tenantId));
  const [one, many] = WORDS[newest.kind] ?? ["task", "tasks"];
  const whose = agents > 1 ? `of ${formatNumberOf(agents, "agent")}` : `of ${newest.agentName ?? "this core"}`;
  return [
    {
      kind: "job-failing",
      severity: "warning",
      subjectKind: "job",
      subjectId: id,
      // An alert of several customers is nobody's own.
      tenantId: tenants.size === 1 ? newest.tenantId : null,
      title: `${formatNumberOf(group.length, one, many)} ${whose} failed for the same reason`,
      detail: newest.message,
      count: group.length,
    },
  ];
}
