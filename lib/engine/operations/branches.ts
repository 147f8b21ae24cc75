import { Prisma } from "@/prisma/generated/client";

// One query for each thing that the engine keeps of what it was asked to do; all with the same columns, so that a union pages over them. What
// narrows a branch by an index stands inside it; the rest is compared outside.

const task = Prisma.sql`
  select t.id, case t.kind when 'capture' then 'capture' else 'restore' end as kind,
    case t.state when 'queued' then 'waiting' else t.state::text end as state,
    a.tenant_id, r.id as repository_id, r.name as repository_name, a.id as agent_id, a.name as agent_name,
    coalesce(t.recovery_point_id, (t.input->>'recoveryPointId')::uuid) as point_id,
    i.id as image_id, i.volume_id, v.name as volume_name,
    case when t.state = 'succeeded' then 100
      else least(99, coalesce(t.bytes_done * 100 / nullif(t.bytes_total, 0), 0))::int end as progress,
    t.failure_code, t.failure_message, null::uuid as destination_core_id, null::text as destination_core,
    null::uuid as destination_repository_id, 0 as added, 0 as removed, 0 as failed,
    t.created_at, t.started_at, t.updated_at, t.ended_at
  from task t join agent a on a.id = t.agent_id join repository r on r.id = a.repository_id
  left join volume_image i on i.id = (t.input->>'imageId')::uuid left join volume v on v.id = i.volume_id
  where t.kind in ('capture', 'restore')`;

const replicationRecord = Prisma.sql`
  select rr.id, 'replicate-image' as kind, case rr.state when 'replicating' then 'running' else rr.state::text end as state,
    a.tenant_id, r.id as repository_id, r.name as repository_name, a.id as agent_id, a.name as agent_name,
    rr.recovery_point_id as point_id, i.id as image_id, i.volume_id, v.name as volume_name, rr.progress_percent as progress,
    rr.failure_code, rr.failure_message, g.peer_core_id as destination_core_id, g.peer_name as destination_core,
    rr.destination_repository_id, 0 as added, 0 as removed, 0 as failed,
    rr.created_at, rr.started_at, rr.updated_at, rr.ended_at
  from replication_record rr join volume_image i on i.id = rr.image_id join volume v on v.id = i.volume_id
  join recovery_point p on p.id = i.recovery_point_id join repository r on r.id = p.repository_id
  join agent a on a.id = p.agent_id join pairing g on g.id = rr.pairing_id
  where true`;

const syncSession = Prisma.sql`
  select s.id, 'sync-repository' as kind,
    case s.state when 'queued' then 'waiting' when 'stopped' then 'cancelled' else s.state::text end as state,
    null::uuid as tenant_id, r.id as repository_id, r.name as repository_name, null::uuid as agent_id, null::text as agent_name,
    null::uuid as point_id, null::uuid as image_id, null::uuid as volume_id, null::text as volume_name,
    case when s.state = 'succeeded' then 100
      else least(99, coalesce(s.bytes_done * 100 / nullif(s.bytes_total, 0), 0))::int end as progress,
    s.failure_code, s.failure_message, null::uuid as destination_core_id, null::text as destination_core,
    null::uuid as destination_repository_id, s.points_adopted as added, s.points_lost as removed, s.problem_count as failed,
    s.created_at, s.started_at, s.updated_at, s.ended_at
  from sync_session s join repository r on r.id = s.repository_id
  where true`;

// Deletions leave only their line in the audit trail. Its number, as an id, cannot be one that was drawn: those have a version.
const deletion = Prisma.sql`
  select lpad(to_hex(d.id), 32, '0')::uuid as id,
    case d.action when 'recovery-point.delete' then 'delete-point' when 'agent.delete' then 'delete-agent'
      else 'delete-repository' end as kind,
    case when d.action = 'agent.delete' and a.id is not null then 'running' else 'succeeded' end as state,
    (d.detail->>'tenantId')::uuid as tenant_id,
    case d.action when 'repository.delete' then d.subject::uuid else (d.detail->>'repositoryId')::uuid end as repository_id,
    coalesce(r.name, case d.action when 'repository.delete' then d.detail->>'name' end) as repository_name,
    case d.action when 'agent.delete' then d.subject::uuid else (d.detail->>'agentId')::uuid end as agent_id,
    coalesce(a.name, case d.action when 'agent.delete' then d.detail->>'name' end) as agent_name,
    case d.action when 'recovery-point.delete' then d.subject::uuid end as point_id,
    null::uuid as image_id, null::uuid as volume_id, null::text as volume_name,
    case when d.action = 'agent.delete' and a.id is not null then 0 else 100 end as progress,
    null::text as failure_code, null::text as failure_message, null::uuid as destination_core_id, null::text as destination_core,
    null::uuid as destination_repository_id, 0 as added,
    case d.action when 'recovery-point.delete' then 1 else coalesce((d.detail->>'recoveryPoints')::int, 0) end as removed, 0 as failed,
    d.at as created_at, d.at as started_at, d.at as updated_at,
    case when d.action = 'agent.delete' and a.id is not null then null else d.at end as ended_at
  from audit_entry d
  left join repository r on r.id = (d.detail->>'repositoryId')::uuid
  left join agent a on a.id = case d.action when 'agent.delete' then d.subject::uuid else (d.detail->>'agentId')::uuid end
  where d.action in ('recovery-point.delete', 'agent.delete', 'repository.delete') and d.result = 'done'`;

export const BRANCHES = [
  { kinds: ["capture", "restore"], query: task },
  { kinds: ["replicate-image"], query: replicationRecord },
  { kinds: ["sync-repository"], query: syncSession },
  { kinds: ["delete-point", "delete-agent", "delete-repository"], query: deletion },
] as const;
