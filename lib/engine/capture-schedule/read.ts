import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import type { AgentSchedule, PlannedRule } from "./plan";

export interface DueAgent extends AgentSchedule {
  readonly id: string;
  readonly name: string;
  readonly tenantId: string;
  readonly nextCaptureAt: Date;
}

interface AgentRow {
  id: string;
  name: string;
  tenant_id: string;
  next_capture_at: Date;
  scheduled_up_to: Date | null;
  rpo_seconds: number | null;
  newest_at: Date | null;
}

interface VolumeRow {
  id: string;
  agent_id: string;
  policy_id: string | null;
}

type RuleRow = PlannedRule & { policyId: string };

/**
 * The agents whose time has come, with what their policies ask for, in three queries. Those that another core leads are not among
 * them; when it is this core's turn again, what was missed is caught up.
 */
export async function readDueAgents(ctx: EngineContext, limit: number): Promise<DueAgent[]> {
  const agents = await readAgents(ctx, limit);
  if (agents.length === 0) return [];
  const volumes = await ctx.db.prisma.$queryRaw<VolumeRow[]>`
    select v.id, v.agent_id, coalesce(v.policy_id, a.policy_id) as policy_id
    from volume v join agent a on a.id = v.agent_id
    where v.agent_id = any(${agents.map(({ id }) => id)}::uuid[]) and v.removed_at is null
      and v.kind <> 'stream' and v.path is not null and coalesce(v.policy_id, a.policy_id) is not null
    order by v.id`;
  const policies = [...new Set(volumes.flatMap((volume) => volume.policy_id ?? []))];
  const rules = await ctx.db.prisma.$queryRaw<RuleRow[]>`
    select held.policy_id as "policyId", r.id, r.interval_minutes as "intervalMinutes", r.time_of_day as "timeOfDay",
      r.days_of_week as "daysOfWeek", r.time_zone as "timeZone",
      r.retention_hours as "retentionHours", r.retention_count as "retentionCount"
    from policy_snapshot_rule held join snapshot_rule r on r.id = held.snapshot_rule_id
    where held.policy_id = any(${policies}::uuid[])`;
  return agents.map((agent) => toSchedule(agent, volumes, rules));
}

/**
 * The shortest RPO of the sessions that replicate the agent from here, also of one whose roles have changed: there the policy of the
 * former source is kept as a replica, and its objective goes on to be kept. And the newest point with all that can be captured.
 */
function readAgents(ctx: EngineContext, limit: number): Promise<AgentRow[]> {
  return ctx.db.prisma.$queryRaw<AgentRow[]>`
    select a.id, a.name, a.tenant_id, a.next_capture_at, a.scheduled_up_to, cycle.rpo_seconds, newest.created_at as newest_at
    from (
      select * from agent
      where next_capture_at <= ${ctx.now()} and lead_pairing_id is null and deletion_asked_at is null and kind = 'machine'
      order by next_capture_at, id limit ${limit}
    ) a
    cross join lateral (
      select min(s.rpo_seconds) as rpo_seconds from replication_session s
      where s.agent_id = a.id and s.role = 'source' and (s.policy_id is not null or s.side = 'target')
        and s.state in ('initializing', 'ok', 'synchronizing', 'resuming', 'system_paused')
    ) cycle
    left join lateral (
      select p.created_at from recovery_point p
      where p.agent_id = a.id and cycle.rpo_seconds is not null and p.missing_volumes = '{}' and not exists (
        select 1 from volume v
        where v.agent_id = a.id and v.removed_at is null and v.kind <> 'stream' and v.path is not null
          and coalesce(v.policy_id, a.policy_id) is not null
          and not exists (select 1 from volume_image i where i.recovery_point_id = p.id and i.volume_id = v.id)
      )
      order by p.sequence desc limit 1
    ) newest on true
    order by a.next_capture_at, a.id`;
}

function toSchedule(agent: AgentRow, volumes: readonly VolumeRow[], rules: readonly RuleRow[]): DueAgent {
  const own = volumes.filter((volume) => volume.agent_id === agent.id);
  const units = [...new Set(own.map((volume) => volume.policy_id))].map((policyId) => ({
    volumeIds: own.filter((volume) => volume.policy_id === policyId).map(({ id }) => id),
    rules: rules.filter((rule) => rule.policyId === policyId),
  }));
  return {
    id: agent.id,
    name: agent.name,
    tenantId: agent.tenant_id,
    nextCaptureAt: agent.next_capture_at,
    scheduledUpTo: agent.scheduled_up_to ?? agent.next_capture_at,
    units,
    cycle: agent.rpo_seconds === null ? null : { rpoSeconds: agent.rpo_seconds, newestAt: agent.newest_at },
  };
}
