import "server-only";
import type { Tx } from "@/lib/db/client";
import { withTransaction } from "@/lib/db/transaction";
import { writeAudit } from "@/lib/engine/audit";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvent, emitEvents } from "@/lib/engine/events/emit";
import { documentKey, type PointDocument, writeDocument } from "@/lib/engine/recovery-points/document";
import { removeFiles } from "@/lib/engine/recovery-points/remove-files";
import { SkippedFile } from "@/lib/engine/recovery-points/schemas";
import { type Domain, ensureDomain } from "@/lib/engine/repositories/open";
import { conflict, notFound } from "@/lib/errors";
import type { Agent, Prisma, Tenant, Volume } from "@/prisma/generated/client";
import { copyVolumes } from "./copy-volumes";
import { SetAsidePointsInput } from "./schemas";

/** Points whose rows are read at once. */
const POINTS_PER_READ = 200;
/** Ten thousand points with a few images each, in two statements. */
const TIMEOUT_MS = 2 * 60_000;

const withImages = { images: { include: { volume: true } } } satisfies Prisma.RecoveryPointInclude;
type Point = Prisma.RecoveryPointGetPayload<{ include: typeof withImages }>;
type Owner = Agent & { volumes: Volume[]; tenant: Tenant };

/**
 * Takes recovery points out of an agent's history without destroying anything: they move, under their own ids and with their
 * images, to an agent that keeps them ("X (set aside 2026-11-21)"), where they can be browsed, restored and copied. Their numbers
 * are free again. Documents under the new agent are written first, then the rows change in one transaction, then the former
 * documents go; a crash between leaves a document too many. Points that are gone or were moved before are passed over; when all
 * were moved before, the answer is where they are. Throws `not_found` when none of them is of this agent.
 */
export async function setAsidePoints(ctx: EngineContext, given: SetAsidePointsInput): Promise<{ agentId: string }> {
  const { agentId, recoveryPointIds, reason } = SetAsidePointsInput.parse(given);
  const owner = await ctx.db.prisma.agent.findUnique({
    where: { id: agentId },
    include: { volumes: true, tenant: true },
  });
  if (!owner) throw notFound("agent");
  if (owner.kind !== "machine")
    throw conflict(`${owner.name} is a copy itself; only a machine's points are set aside.`);
  const ids = [...new Set(recoveryPointIds)];
  const here = await ctx.db.prisma.recoveryPoint.count({ where: { id: { in: ids }, agentId } });
  if (here === 0) return movedBefore(ctx, agentId, ids);
  const domain = await ensureDomain(ctx, owner);
  const keeper = await keeperOf(ctx, owner);
  await writeDocuments(ctx, domain, owner, keeper, ids);
  const moved = await withTransaction(
    ctx.db,
    (tx) => moveRows(tx, ctx, owner, keeper.agent.id, ids, reason),
    TIMEOUT_MS,
  );
  for (const id of moved) await removeFiles(ctx, id);
  const gone = ids.filter((id) => !moved.includes(id));
  for (const id of gone) await removeUnused(ctx, domain, keeper.agent.id, id);
  return { agentId: keeper.agent.id };
}

async function movedBefore(ctx: EngineContext, parentId: string, ids: readonly string[]): Promise<{ agentId: string }> {
  const found = await ctx.db.prisma.recoveryPoint.findFirst({
    where: { id: { in: [...ids] }, agent: { kind: "set_aside", parentId } },
    select: { agentId: true },
  });
  if (!found) throw notFound("recovery point of this agent");
  return found;
}

interface Keeper {
  readonly agent: Agent;
  readonly volumes: ReadonlyMap<string, Volume>;
}

/** The agent that takes them: one that an interrupted call made and that is still empty, else a new one. */
async function keeperOf(ctx: EngineContext, owner: Owner): Promise<Keeper> {
  return withTransaction(ctx.db, async (tx) => {
    await tx.$queryRaw`select 1 from agent where id = ${owner.id}::uuid for update`;
    const { tenantId, repositoryId, hostName, isSingleVolume, id: parentId } = owner;
    const place = { tenantId, repositoryId, kind: "set_aside" as const, parentId };
    const empty = await tx.agent.findFirst({
      where: { ...place, deletionAskedAt: null, recoveryPoints: { none: {} } },
    });
    const name = `${owner.name} (set aside ${ctx.now().toISOString().slice(0, 10)})`;
    const agent =
      empty ?? (await tx.agent.create({ data: { ...place, name, hostName, isSingleVolume, createdAt: ctx.now() } }));
    const unmanaged = owner.volumes.map((volume) => ({ ...volume, managedBytes: null }));
    return { agent, volumes: await copyVolumes(tx, agent.id, unmanaged) };
  });
}

async function writeDocuments(ctx: EngineContext, domain: Domain, owner: Owner, keeper: Keeper, ids: string[]) {
  for (let at = 0; at < ids.length; at += POINTS_PER_READ) {
    const points = await ctx.db.prisma.recoveryPoint.findMany({
      where: { id: { in: ids.slice(at, at + POINTS_PER_READ) }, agentId: owner.id },
      include: withImages,
    });
    for (const point of points) await writeDocument(domain, documentOf(owner, keeper, point));
  }
}

function documentOf({ tenant }: Owner, { agent, volumes }: Keeper, point: Point): PointDocument {
  return {
    id: point.id,
    sequence: point.sequence.toString(),
    createdAt: point.createdAt.toISOString(),
    repositoryId: point.repositoryId,
    tenant: { id: tenant.id, name: tenant.name },
    agent: { id: agent.id, name: agent.name, hostName: agent.hostName },
    images: point.images.map((image) => ({
      id: image.id,
      volumeId: volumes.get(image.volume.name)?.id ?? image.volumeId,
      volumeName: image.volume.name,
      volumeKind: image.kind,
      sizeBytes: Number(image.sizeBytes),
      entryCount: image.entryCount,
      recordCount: image.recordCount,
      manifestDigest: Buffer.from(image.manifestDigest).toString("hex"),
    })),
    logicalBytes: Number(point.logicalBytes),
    storedBytes: Number(point.storedBytes),
    skippedCount: point.skippedCount,
    skipped: SkippedFile.array().catch([]).parse(point.skipped),
    ...(point.missingVolumes.length > 0 ? { missingVolumes: point.missingVolumes } : {}),
  };
}

/** The ids that moved. Their former documents are noted, so that they go after a crash as well. */
async function moveRows(
  tx: Tx,
  ctx: EngineContext,
  owner: Owner,
  keeperId: string,
  ids: string[],
  reason: string,
): Promise<string[]> {
  const rows = await tx.$queryRaw<{ id: string; sequence: bigint }[]>`
    update recovery_point set agent_id = ${keeperId}::uuid
    where id = any(${ids}::uuid[]) and agent_id = ${owner.id}::uuid returning id, sequence`;
  const moved = rows.map(({ id }) => id);
  await tx.$executeRaw`
    update volume_image i set volume_id = kept.id
    from volume former join volume kept on kept.name = former.name and kept.agent_id = ${keeperId}::uuid
    where i.recovery_point_id = any(${moved}::uuid[]) and former.id = i.volume_id`;
  const { repositoryId, tenantId, id: agentId } = owner;
  const removedAt = ctx.now();
  await tx.removedPoint.createMany({
    data: moved.map((id) => ({ id, agentId, repositoryId, tenantId, imageIds: [], removedAt })),
    skipDuplicates: true,
  });
  await moveNewest(tx, agentId, rows);
  await writeAudit(tx, ctx, "recovery-point.set-aside", agentId, { to: keeperId, points: moved.length, reason });
  await emitEvents(tx, "recovery-point", moved);
  await emitEvent(tx, "agent", agentId);
  await emitEvent(tx, "agent", keeperId);
  return moved;
}

/** Sessions whose newest complete point was set aside count from the one before. */
async function moveNewest(tx: Tx, agentId: string, moved: readonly { id: string; sequence: bigint }[]): Promise<void> {
  const [first] = [...moved].sort((a, b) => (a.sequence < b.sequence ? -1 : 1));
  if (!first) return;
  const before = await tx.recoveryPoint.findFirst({
    where: { agentId, sequence: { lt: first.sequence } },
    orderBy: { sequence: "desc" },
    select: { id: true, createdAt: true },
  });
  await tx.replicationSession.updateMany({
    where: { agentId, newestPointId: { in: moved.map(({ id }) => id) } },
    data: { newestPointId: before?.id ?? null, newestPointAt: before?.createdAt ?? null },
  });
}

/** The document of a point that was deleted while it was to be moved. */
async function removeUnused(ctx: EngineContext, domain: Domain, keeperId: string, id: string): Promise<void> {
  const kept = await ctx.db.prisma.recoveryPoint.count({ where: { id, agentId: keeperId } });
  if (kept === 0) await domain.storage.delete(documentKey(domain.prefix, keeperId, id));
}
