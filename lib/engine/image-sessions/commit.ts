import "server-only";
import type { Tx } from "@/lib/db/client";
import { withTransaction } from "@/lib/db/transaction";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";
import { assertFollows } from "@/lib/engine/pull/lead";
import { commitInto } from "@/lib/engine/recovery-points/commit";
import type { Domain } from "@/lib/engine/repositories/open";
import { integrity, notFound, toTwincoreError } from "@/lib/errors";
import { changesOfPoint } from "./changed-blocks";
import { domainOf, type OpenedSession } from "./find";
import { withPointLock } from "./lock";
import { assertRecords, writeManifest } from "./manifest";
import { Declared } from "./schemas";

/**
 * Makes an image session that is committing true: 1. its manifest is written; 2. when it is the last image of its point, the
 * recovery point is committed, which checks that every record of every image is durable; else that is checked for this image
 * alone; 3. the session is committed. May be repeated and may run in several processes: one of them works, the others return
 * false. A failure is kept in the session for whoever asks.
 */
export async function commitImage(ctx: EngineContext, imageSessionId: string): Promise<boolean> {
  const find = () =>
    ctx.db.prisma.imageSession.findUnique({ where: { id: imageSessionId }, omit: { changedBlocks: true } });
  const found = await find();
  if (!found) throw notFound("image session");
  return withPointLock(ctx.db, found.recoveryPointId, async () => {
    const row = await find();
    if (row?.state !== "committing") return;
    try {
      await commitLocked(ctx, { row, declared: Declared.parse(row.declared) });
    } catch (thrown) {
      await keepFailure(ctx, row.id, row.recoveryPointId, thrown);
    }
  });
}

async function commitLocked(ctx: EngineContext, session: OpenedSession): Promise<void> {
  const { row, declared } = session;
  const domain = await domainOf(ctx, row.agentId);
  const image = declared.point.images.find(({ id }) => id === row.volumeImageId);
  if (!image) throw integrity("The image is not among those of its point.");
  await writeManifest(ctx, domain, session, image);
  const isLast = await othersAreIn(ctx, session);
  if (isLast) await commitPoint(ctx, domain, session);
  else await assertRecords(ctx, domain, session);
  await withTransaction(ctx.db, async (tx) => {
    await tx.imageSession.update({ where: { id: row.id }, data: { state: "committed" } });
    await tx.imageSessionKeys.deleteMany({ where: { sessionId: row.id } });
    // The bitmaps of a point's images are needed until it is committed: its last image checks them all.
    if (isLast)
      await tx.imageSession.updateMany({
        where: { agentId: row.agentId, recoveryPointId: row.recoveryPointId },
        data: { changedBlocks: null },
      });
    await noteNewest(tx, session);
  });
}

async function othersAreIn(ctx: EngineContext, { row, declared }: OpenedSession): Promise<boolean> {
  const committed = await ctx.db.prisma.imageSession.findMany({
    where: { agentId: row.agentId, recoveryPointId: row.recoveryPointId, state: "committed" },
    select: { volumeImageId: true },
    distinct: ["volumeImageId"],
  });
  const ids = new Set(committed.map(({ volumeImageId }) => volumeImageId)).add(row.volumeImageId);
  return declared.point.images.every(({ id }) => ids.has(id));
}

async function commitPoint(ctx: EngineContext, domain: Domain, { row, declared }: OpenedSession): Promise<void> {
  const received = await ctx.db.prisma.imageSession.aggregate({
    where: { agentId: row.agentId, recoveryPointId: row.recoveryPointId },
    _sum: { receivedBytes: true },
  });
  const changes = await changesOfPoint(ctx, row);
  await commitInto(ctx, domain, {
    id: row.recoveryPointId,
    agentId: row.agentId,
    repositoryId: domain.repositoryId,
    tenantId: domain.tenantId,
    sequence: declared.epochNumber,
    createdAt: new Date(declared.utcCreatedTimestamp),
    images: declared.point.images.map((image) => ({
      id: image.id,
      volumeId: image.volumeId,
      volumeName: image.volumeDisplayName,
      volumeKind: image.volumeKind,
      sizeBytes: image.size,
      entryCount: image.entryCount,
      recordCount: image.recordCount,
      manifestDigest: Buffer.from(image.headerHash, "hex"),
      changeOf: changes.get(image.id),
    })),
    logicalBytes: declared.point.logicalBytes,
    label: declared.point.label,
    locked: declared.point.locked,
    origin: declared.point.origin,
    snapshotRuleId: declared.point.snapshotRuleId,
    storedBytes: received._sum.receivedBytes ?? 0n,
    skippedCount: declared.point.skippedCount,
    skipped: declared.point.skipped,
    // A failover that came first leaves the history of the agent to this core.
    alongside: (tx) => assertFollows(tx, row),
  });
}

/** The target's own view of how far the replication is. */
async function noteNewest(tx: Tx, { row }: OpenedSession): Promise<void> {
  const session = await tx.replicationSession.findFirst({
    where: { agentId: row.agentId, pairingId: row.pairingId, side: "target" },
  });
  const newest = await tx.recoveryPoint.findFirst({
    where: { agentId: row.agentId, missingVolumes: { isEmpty: true } },
    orderBy: { sequence: "desc" },
  });
  if (!session || !newest || session.newestPointId === newest.id) return;
  await tx.replicationSession.update({
    where: { id: session.id },
    data: { newestPointId: newest.id, newestPointAt: newest.createdAt },
  });
  await emitEvent(tx, "session", session.id);
}

/** After `integrity` the images that came before are looked at anew too: one of them may be what is damaged. */
async function keepFailure(ctx: EngineContext, id: string, recoveryPointId: string, thrown: unknown): Promise<void> {
  const error = toTwincoreError(thrown);
  ctx.log.warn({ imageSession: id, code: error.code, err: thrown }, "an image could not be committed");
  const data = { state: "failed", failureCode: error.code, failureMessage: error.message } as const;
  await withTransaction(ctx.db, async (tx) => {
    await tx.imageSession.update({ where: { id }, data });
    if (error.code === "integrity")
      await tx.imageSession.updateMany({ where: { recoveryPointId, state: "committed" }, data: { state: "aborted" } });
  });
}
