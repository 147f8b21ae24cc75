import "server-only";
import type { Tx } from "@/lib/db/client";
import { withTransaction } from "@/lib/db/transaction";
import { writeAudit } from "@/lib/engine/audit";
import { actorName, type EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";
import { notFound, TwincoreError } from "@/lib/errors";
import { Prisma } from "@/prisma/generated/client";
import { askDestination } from "./destinations";
import { listReplicationRecords, readVaultReplication } from "./list";
import { refusal } from "./refuse";
import type { ReplicateImageInput, ReplicateVaultInput, ReplicationRecord, VaultReplication } from "./schemas";

/** As much as one pack: with less, nothing can be stored. */
const ROOM_BYTES = 64 * 1024 * 1024;
/** One statement writes a record for each of a million images in about half a minute. */
const WRITE_TIMEOUT_MS = 120_000;

/**
 * Sends every image of a repository to a repository of another core: one record for each, written in one statement, and runs that
 * the records follow. Images that cannot be sent are skipped with a reason. Safe to repeat: while one goes on, the second is
 * refused. Throws not_found for the repository, and refuses with a detail of ReplicationRefusal; unavailable when the other core
 * does not answer and has never said what it offers.
 */
export async function replicateVault(ctx: EngineContext, input: ReplicateVaultInput): Promise<VaultReplication> {
  const { repositoryId, pairingId, destinationRepositoryId } = input;
  if ((await ctx.db.prisma.repository.count({ where: { id: repositoryId } })) === 0) throw notFound("repository");
  await assertDestination(ctx, pairingId, destinationRepositoryId);
  const id = await withTransaction(
    ctx.db,
    async (tx) => {
      await assertIdle(tx, repositoryId);
      const data = { repositoryId, pairingId, destinationRepositoryId, autoTrigger: input.autoTrigger };
      const made = await tx.vaultReplication.create({
        data: { ...data, createdBy: actorName(ctx.actor), createdAt: ctx.now() },
      });
      const records = await writeRecords(tx, ctx, made.id, input);
      if (records === 0)
        throw refusal("nothing-to-do", "This repository has no recovery points: there is nothing to replicate.");
      await wakeSessions(tx, ctx, pairingId, Prisma.sql`r.vault_replication_id = ${made.id}::uuid`);
      await writeAudit(tx, ctx, "repository.replicate", repositoryId, { ...data, records });
      await emitEvent(tx, "vault-replication", made.id);
      return made.id;
    },
    WRITE_TIMEOUT_MS,
  );
  await driveSoon(ctx, pairingId);
  return readVaultReplication(ctx, id);
}

/** The same for one image. Throws not_found for the image; refuses with a detail of ReplicationRefusal. */
export async function replicateImage(ctx: EngineContext, input: ReplicateImageInput): Promise<ReplicationRecord> {
  const { imageId, pairingId } = input;
  const skipped = await skipReasonOf(ctx, input);
  if (skipped) throw refusal("not-replicable", skipped);
  await assertDestination(ctx, pairingId, input.destinationRepositoryId);
  await withTransaction(ctx.db, async (tx) => {
    await tx.$executeRaw`select 1 from volume_image where id = ${imageId}::uuid for update`;
    const busy = await tx.replicationRecord.count({ where: { imageId, pairingId, state: { in: [...ACTIVE] } } });
    if (busy > 0) throw refusal("in-use", "This image is on its way to that core already.");
    if ((await writeRecords(tx, ctx, null, input)) === 0) throw notFound("volume image");
    await wakeSessions(tx, ctx, pairingId, Prisma.sql`r.image_id = ${imageId}::uuid`);
    await writeAudit(tx, ctx, "image.replicate", imageId, { pairingId, to: input.destinationRepositoryId });
    await emitEvent(tx, "vault-replication", imageId);
  });
  await driveSoon(ctx, pairingId);
  const { items } = await listReplicationRecords(ctx, { imageIds: [imageId], limit: 1 });
  if (!items[0]) throw notFound("replication record");
  return items[0];
}

/** Records that are still to come to an end. */
export const ACTIVE = ["waiting", "replicating"] as const;

const driveSoon = (ctx: EngineContext, pairingId: string) =>
  ctx.enqueue("drive-vault-replications", { pairingId }, { key: pairingId });

async function assertDestination(ctx: EngineContext, pairingId: string, repositoryId: string): Promise<void> {
  const pairing = await ctx.db.prisma.pairing.findUnique({ where: { id: pairingId } });
  if (await ctx.db.prisma.repository.count({ where: { id: repositoryId } }))
    throw refusal("not-replicable", "The destination is a repository of this core itself. Choose one of another core.");
  if (!pairing) throw refusal("unknown-destination", "This core is not paired with that one.");
  if (pairing.side !== "source")
    throw refusal("not-replicable", `In this pairing “${pairing.peerName}” sends to this core, and not the other way.`);
  if (pairing.state !== "established")
    throw refusal("not-replicable", `The pairing with “${pairing.peerName}” is not established.`);
  const { repositories, reachable, message } = await askDestination(ctx, pairing);
  if (!reachable && repositories.length === 0)
    throw new TwincoreError("unavailable", `“${pairing.peerName}” cannot be asked what it offers: ${message ?? ""}`);
  const offered = repositories.find(({ id }) => id === repositoryId);
  if (!offered)
    throw refusal(
      "unknown-destination",
      `“${pairing.peerName}” offers no such repository to this core. Its people decide which.`,
    );
  if (reachable && offered.freeBytes < ROOM_BYTES)
    throw refusal(
      "destination-full",
      `“${offered.name}” on “${pairing.peerName}” is full. Free space there, then ask again.`,
    );
}

/** Calls for one repository exclude each other until the transaction's end. */
async function assertIdle(tx: Tx, repositoryId: string): Promise<void> {
  await tx.$executeRaw`select 1 from repository where id = ${repositoryId}::uuid for update`;
  const [busy] = await tx.$queryRaw<{ name: string }[]>`
    select p.peer_name as name from vault_replication v join pairing p on p.id = v.pairing_id
    where v.repository_id = ${repositoryId}::uuid and exists (
      select from replication_record r where r.vault_replication_id = v.id and r.state in ('waiting', 'replicating')
    ) limit 1`;
  if (busy)
    throw refusal("already-replicating", `This repository is being replicated to “${busy.name}”. Wait for its end.`);
}

/** Why an image cannot be sent: a code, or null. */
const SKIP = Prisma.sql`
  case when p.lost_at is not null then 'lost'
    when p.missing_volumes <> '{}' then 'incomplete'
    when a.deletion_asked_at is not null then 'deleted'
    when a.pairing_id is not null or a.lead_pairing_id is not null then 'replica'
    when a.kind <> 'machine' then 'copy' end`;

const SKIP_REASONS = {
  lost: "Its storage lost files of it. Sync the repository, or replicate it back.",
  incomplete: "The recovery point lacks volumes, so it is not replicated.",
  deleted: "Its agent is being deleted.",
  replica: "It came from another core, which is current for this agent and replicates it.",
  copy: "It belongs to a copy that this core made for itself.",
} as const;

const reasonText = Prisma.sql`(${JSON.stringify(SKIP_REASONS)}::jsonb ->> skip.code)`;

const ofTenants = (tenantIds: string[] | undefined) =>
  tenantIds ? Prisma.sql`a.tenant_id = any(${tenantIds}::uuid[])` : Prisma.sql`true`;

/** Ids rise with agent and point, so that lists by id are in the order of the work: version 7, the position in its low bits. */
async function writeRecords(
  tx: Tx,
  ctx: EngineContext,
  vaultReplicationId: string | null,
  input: {
    pairingId: string;
    destinationRepositoryId: string;
    repositoryId?: string;
    imageId?: string;
    tenantIds?: string[];
  },
): Promise<number> {
  const now = ctx.now();
  const which = input.imageId
    ? Prisma.sql`i.id = ${input.imageId}::uuid`
    : Prisma.sql`p.repository_id = ${input.repositoryId ?? null}::uuid`;
  return tx.$executeRaw`
    insert into replication_record (id, vault_replication_id, image_id, recovery_point_id, agent_id, pairing_id,
      destination_repository_id, state, failure_code, failure_message, created_at, ended_at, updated_at)
    select (lpad(to_hex(${BigInt(now.getTime())}::bigint + (n >> 12)), 12, '0') || '7' || lpad(to_hex(n & 4095), 3, '0')
        || substr(replace(gen_random_uuid()::text, '-', ''), 17))::uuid,
      ${vaultReplicationId}::uuid, image_id, point_id, agent_id, ${input.pairingId}::uuid, ${input.destinationRepositoryId}::uuid,
      (case when skip.code is null then 'waiting' else 'skipped' end)::replication_record_state, skip.code, ${reasonText},
      ${now}, case when skip.code is null then null else ${now}::timestamptz end, ${now}
    from (
      select i.id as image_id, p.id as point_id, p.agent_id, ${SKIP} as code,
        row_number() over (order by a.name, a.id, p.sequence, i.id) - 1 as n
      from volume_image i join recovery_point p on p.id = i.recovery_point_id join agent a on a.id = p.agent_id
      where ${which} and ${ofTenants(input.tenantIds)}
    ) as skip`;
}

async function skipReasonOf(ctx: EngineContext, input: ReplicateImageInput): Promise<string | null> {
  const [row] = await ctx.db.prisma.$queryRaw<{ code: keyof typeof SKIP_REASONS | null }[]>`
    select ${SKIP} as code from volume_image i
    join recovery_point p on p.id = i.recovery_point_id join agent a on a.id = p.agent_id
    where i.id = ${input.imageId}::uuid and ${ofTenants(input.tenantIds)}`;
  if (!row) throw notFound("volume image");
  return row.code && SKIP_REASONS[row.code];
}

/** The sessions of these records run now; those that people paused stay so, and their records say it. */
async function wakeSessions(tx: Tx, ctx: EngineContext, pairingId: string, records: Prisma.Sql): Promise<void> {
  await tx.$executeRaw`
    update replication_session s set next_run_at = ${ctx.now()}
    where s.pairing_id = ${pairingId}::uuid and s.side = 'source' and s.role = 'source'
      and s.state in ('initializing', 'ok', 'synchronizing', 'system_paused')
      and exists (select from replication_record r where r.agent_id = s.agent_id and r.state = 'waiting' and ${records})`;
}
