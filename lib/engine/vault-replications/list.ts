import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { readIdCursor } from "@/lib/engine/id-cursor";
import { notFound } from "@/lib/errors";
import { Prisma } from "@/prisma/generated/client";
import type {
  ListReplicationRecordsInput,
  ListVaultReplicationsInput,
  RecordState,
  ReplicationRecord,
  ReplicationRecordPage,
  VaultReplication,
  VaultReplicationPage,
} from "./schemas";

interface RecordRow {
  id: string;
  vault_replication_id: string | null;
  auto_trigger: boolean | null;
  image_id: string;
  recovery_point_id: string;
  point_at: Date | null;
  volume_name: string | null;
  size_bytes: bigint | null;
  agent_id: string;
  agent_name: string | null;
  repository_id: string | null;
  pairing_id: string;
  peer_core_id: string | null;
  peer_name: string;
  destination_repository_id: string;
  state: RecordState;
  progress_percent: number;
  failure_code: string | null;
  failure_message: string | null;
  created_at: Date;
  started_at: Date | null;
  ended_at: Date | null;
  updated_at: Date;
}

/** A page of records: those of one replication in the order of the work, else the newest first. The cursor is the last id before. */
export async function listReplicationRecords(
  ctx: EngineContext,
  input: ListReplicationRecordsInput,
): Promise<ReplicationRecordPage> {
  const { vaultReplicationId = null, imageIds = null, state = null, tenantIds = null } = input;
  const where = Prisma.sql`(${vaultReplicationId}::uuid is null or r.vault_replication_id = ${vaultReplicationId}::uuid)
    and (${imageIds}::uuid[] is null or r.image_id = any(${imageIds}::uuid[]))
    and (${state}::replication_record_state is null or r.state = ${state}::replication_record_state)
    and (${tenantIds}::uuid[] is null or exists (
      select from agent a where a.id = r.agent_id and a.tenant_id = any(${tenantIds}::uuid[])))`;
  const after = readIdCursor(input.cursor) ?? null;
  const rising = vaultReplicationId !== null;
  const behind = rising
    ? Prisma.sql`(${after}::uuid is null or r.id > ${after}::uuid)`
    : Prisma.sql`(${after}::uuid is null or r.id < ${after}::uuid)`;
  const order = rising ? Prisma.sql`id` : Prisma.sql`id desc`;
  const [rows, [counted]] = await Promise.all([
    ctx.db.prisma.$queryRaw<RecordRow[]>`
      with chosen as (
        select r.* from replication_record r where ${where} and ${behind} order by r.${order} limit ${input.limit + 1}
      )
      select r.*, v.auto_trigger, p.created_at as point_at, p.repository_id, vol.name as volume_name, i.size_bytes,
        a.name as agent_name, pairing.peer_core_id, pairing.peer_name
      from chosen r join pairing on pairing.id = r.pairing_id
      left join vault_replication v on v.id = r.vault_replication_id
      left join volume_image i on i.id = r.image_id left join recovery_point p on p.id = i.recovery_point_id
      left join volume vol on vol.id = i.volume_id left join agent a on a.id = r.agent_id
      order by r.${order}`,
    ctx.db.prisma.$queryRaw<{ total: bigint }[]>`select count(*) as total from replication_record r where ${where}`,
  ]);
  const items = rows.slice(0, input.limit).map(toRecord);
  const last = items.at(-1);
  return {
    items,
    nextCursor: rows.length > input.limit && last ? last.id : null,
    total: Number(counted?.total ?? 0),
  };
}

const instant = (at: Date | null) => at?.toISOString() ?? null;

function toRecord(row: RecordRow): ReplicationRecord {
  return {
    id: row.id,
    vaultReplicationId: row.vault_replication_id,
    autoTrigger: row.auto_trigger ?? false,
    imageId: row.image_id,
    recoveryPointId: row.recovery_point_id,
    pointAt: instant(row.point_at),
    volumeName: row.volume_name,
    sizeBytes: row.size_bytes === null ? null : Number(row.size_bytes),
    agent: { id: row.agent_id, name: row.agent_name },
    repositoryId: row.repository_id,
    pairingId: row.pairing_id,
    destinationCore: { id: row.peer_core_id, name: row.peer_name },
    destinationRepositoryId: row.destination_repository_id,
    state: row.state,
    progressPercent: row.progress_percent,
    failure: row.failure_code ? { code: row.failure_code, message: row.failure_message ?? "" } : null,
    createdAt: row.created_at.toISOString(),
    startedAt: instant(row.started_at),
    endedAt: instant(row.ended_at),
    updatedAt: row.updated_at.toISOString(),
  };
}

interface VaultRow {
  id: string;
  repository_id: string;
  pairing_id: string;
  peer_core_id: string | null;
  peer_name: string;
  destination_repository_id: string;
  destination_name: string | null;
  auto_trigger: boolean;
  created_by: string;
  created_at: Date;
  ended_at: Date | null;
  total: bigint;
  waiting: bigint;
  replicating: bigint;
  succeeded: bigint;
  failed: bigint;
  skipped: bigint;
  percent: number;
}

/** A page of vault replications, the newest first, with what became of their records. */
export async function listVaultReplications(
  ctx: EngineContext,
  input: ListVaultReplicationsInput,
): Promise<VaultReplicationPage> {
  const after = readIdCursor(input.cursor);
  const where = { repositoryId: input.repositoryId };
  const [rows, total] = await Promise.all([
    ctx.db.prisma.$queryRaw<VaultRow[]>(
      vaultQuery(Prisma.sql`
        select * from vault_replication
        where (${input.repositoryId ?? null}::uuid is null or repository_id = ${input.repositoryId ?? null}::uuid)
          and (${after ?? null}::uuid is null or id < ${after ?? null}::uuid)
        order by id desc limit ${input.limit + 1}`),
    ),
    ctx.db.prisma.vaultReplication.count({ where }),
  ]);
  const items = rows.slice(0, input.limit).map(toVaultReplication);
  const last = items.at(-1);
  return { items, nextCursor: rows.length > input.limit && last ? last.id : null, total };
}

/** One of them. Throws not_found. */
export async function getVaultReplication(ctx: EngineContext, { id }: { id: string }): Promise<VaultReplication> {
  return readVaultReplication(ctx, id);
}

export async function readVaultReplication(ctx: EngineContext, id: string): Promise<VaultReplication> {
  const [row] = await ctx.db.prisma.$queryRaw<VaultRow[]>(
    vaultQuery(Prisma.sql`select * from vault_replication where id = ${id}::uuid`),
  );
  if (!row) throw notFound("vault replication");
  return toVaultReplication(row);
}

const vaultQuery = (chosen: Prisma.Sql): Prisma.Sql => Prisma.sql`
  with chosen as (${chosen})
  select v.*, p.peer_core_id, p.peer_name, said.name as destination_name, r.*
  from chosen v join pairing p on p.id = v.pairing_id
  left join lateral (
    select name from repository_report where pairing_id = v.pairing_id and repository_id = v.destination_repository_id
    order by at desc, id desc limit 1
  ) said on true
  cross join lateral (
    select count(*) as total, count(*) filter (where state = 'waiting') as waiting,
      count(*) filter (where state = 'replicating') as replicating, count(*) filter (where state = 'succeeded') as succeeded,
      count(*) filter (where state = 'failed') as failed, count(*) filter (where state = 'skipped') as skipped,
      coalesce(floor(avg(case when state in ('failed', 'skipped') then 100 else progress_percent end)), 100)::int as percent,
      case when count(*) filter (where state in ('waiting', 'replicating')) = 0 then max(ended_at) end as ended_at
    from replication_record where vault_replication_id = v.id
  ) r
  order by v.id desc`;

function toVaultReplication(row: VaultRow): VaultReplication {
  return {
    id: row.id,
    repositoryId: row.repository_id,
    pairingId: row.pairing_id,
    destinationCore: { id: row.peer_core_id, name: row.peer_name },
    destinationRepository: { id: row.destination_repository_id, name: row.destination_name },
    autoTrigger: row.auto_trigger,
    createdBy: row.created_by,
    createdAt: row.created_at.toISOString(),
    endedAt: instant(row.ended_at),
    records: {
      total: Number(row.total),
      waiting: Number(row.waiting),
      replicating: Number(row.replicating),
      succeeded: Number(row.succeeded),
      failed: Number(row.failed),
      skipped: Number(row.skipped),
    },
    progressPercent: row.percent,
  };
}
