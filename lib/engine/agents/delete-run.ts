import "server-only";
import { withTransaction } from "@/lib/db/transaction";
import { writeAudit } from "@/lib/engine/audit";
import type { EngineContext } from "@/lib/engine/context";
import { agentDocumentKey } from "@/lib/engine/documents";
import { emitEvent, emitEvents } from "@/lib/engine/events/emit";
import { removeManagedFile } from "@/lib/engine/managed-volumes/files";
import { discardManifest } from "@/lib/engine/manifests";
import { documentKey, parseDocument } from "@/lib/engine/recovery-points/document";
import { type Domain, ensureDomain } from "@/lib/engine/repositories/open";
import { TwincoreError, toTwincoreError } from "@/lib/errors";
import type { Agent } from "@/prisma/generated/client";

/** Points of one transaction: short enough that nobody waits for its locks. */
const POINTS_PER_STEP = 50;
/** Larger documents are not of this core's making. */
const DOCUMENT_BYTES_MAX = 16 * 1024 * 1024;
/** The rest is found by the next sweep. */
const AGENTS_PER_SWEEP = 500;

export interface RunAgentDeletionInput {
  agentId: string;
  /** Aborted when the worker stops: another one goes on. */
  signal: AbortSignal;
}

/**
 * Deletes an agent whose deletion was asked for: its points from the oldest on, each in the reverse order of how it was written
 * (rows, document, manifests), then what an interrupted deletion left, then the agent. May be killed anywhere and run again.
 * Its records stay until a clean-up finds that nothing refers to them. Throws unavailable when the repository's disk is away.
 */
export async function runAgentDeletion(ctx: EngineContext, { agentId, signal }: RunAgentDeletionInput): Promise<void> {
  const agent = await ctx.db.prisma.agent.findUnique({ where: { id: agentId } });
  if (!agent?.deletionAskedAt) return;
  const domain = await ensureDomain(ctx, agent);
  while (await deleteStep(ctx, domain, agent.id, signal));
  await deleteOrphans(ctx, domain, agent.id, signal);
  await deleteLeftovers(ctx, domain, agent.id, signal);
  // Before the row: an agent that has a document and no row is one that a lost database forgot.
  await domain.storage.delete(agentDocumentKey(domain.prefix, agent.id));
  const managed = await ctx.db.prisma.volume.findMany({
    where: { agentId, managedBytes: { not: null } },
    select: { id: true },
  });
  await deleteRow(ctx, agent);
  for (const { id } of managed) await removeManagedFile(ctx, id);
}

/** Wakes deletions whose job was lost or gave up. Part of the sweep. */
export async function sweepAgentDeletions(ctx: EngineContext): Promise<void> {
  const agents = await ctx.db.prisma.agent.findMany({
    where: { deletionAskedAt: { not: null } },
    select: { id: true },
    orderBy: { deletionAskedAt: "asc" },
    take: AGENTS_PER_SWEEP,
  });
  for (const { id } of agents) await ctx.enqueue("delete-agent", { agentId: id }, { key: id });
}

/** Is there more to do? A point that was locked since the deletion was asked for stays, and the agent with it. */
async function deleteStep(ctx: EngineContext, domain: Domain, agentId: string, signal: AbortSignal): Promise<boolean> {
  signal.throwIfAborted();
  const points = await withTransaction(ctx.db, async (tx) => {
    const found = await tx.recoveryPoint.findMany({
      where: { agentId, locked: false },
      select: { id: true, images: { select: { id: true } } },
      orderBy: { sequence: "asc" },
      take: POINTS_PER_STEP,
    });
    const ids = found.map(({ id }) => id);
    const gone = await tx.$queryRaw<{ id: string }[]>`
      delete from recovery_point where id = any(${ids}::uuid[]) and not locked returning id`;
    const deleted = new Set(gone.map(({ id }) => id));
    await emitEvents(tx, "recovery-point", [...deleted]);
    if (deleted.size > 0) await emitEvent(tx, "agent", agentId);
    return found.filter(({ id }) => deleted.has(id));
  });
  for (const { id, images } of points) {
    signal.throwIfAborted();
    await domain.storage.delete(documentKey(domain.prefix, agentId, id));
    for (const image of images) await discardManifest(ctx, domain, image.id);
  }
  return points.length > 0;
}

/** Images that were complete here without their point. */
async function deleteOrphans(ctx: EngineContext, domain: Domain, agentId: string, signal: AbortSignal): Promise<void> {
  for (;;) {
    signal.throwIfAborted();
    const orphans = await ctx.db.prisma.orphanedImage.findMany({
      where: { agentId },
      select: { id: true },
      orderBy: { id: "asc" },
      take: POINTS_PER_STEP,
    });
    if (orphans.length === 0) return;
    const ids = orphans.map(({ id }) => id);
    await ctx.db.prisma.orphanedImage.deleteMany({ where: { id: { in: ids } } });
    for (const id of ids) await discardUnused(ctx, domain, id);
  }
}

/** Documents whose rows went before an interruption: nobody lists them, and nobody shall find them again from the files. */
async function deleteLeftovers(
  ctx: EngineContext,
  domain: Domain,
  agentId: string,
  signal: AbortSignal,
): Promise<void> {
  for await (const { key, sizeBytes } of domain.storage.list(`${domain.prefix}points/${agentId}/`)) {
    signal.throwIfAborted();
    const pointId =
      key
        .split("/")
        .at(-1)
        ?.replace(/\.json$/, "") ?? "";
    if (await ctx.db.prisma.recoveryPoint.findFirst({ where: { id: pointId, agentId }, select: { id: true } }))
      continue;
    // What it names is told before it goes; one that cannot be read tells nothing.
    const images = sizeBytes <= DOCUMENT_BYTES_MAX ? await imagesOf(domain, key, sizeBytes) : [];
    await domain.storage.delete(key);
    for (const id of images) await discardUnused(ctx, domain, id);
  }
}

async function imagesOf(domain: Domain, key: string, sizeBytes: number): Promise<string[]> {
  try {
    return parseDocument(await domain.storage.read(key, 0, sizeBytes), key).images.map(({ id }) => id);
  } catch (error) {
    if (toTwincoreError(error).code === "integrity") return [];
    throw error;
  }
}

/** A manifest that a recovery point uses stays. */
async function discardUnused(ctx: EngineContext, domain: Domain, imageId: string): Promise<void> {
  await discardManifest(ctx, domain, imageId).catch((error: unknown) => {
    if (toTwincoreError(error).code !== "conflict") throw error;
  });
}

/** Throws unavailable while something that began before still works for the agent; the job is tried again. */
async function deleteRow(ctx: EngineContext, { id, name, pairingId }: Agent): Promise<void> {
  await withTransaction(ctx.db, async (tx) => {
    await tx.$queryRaw`select 1 from agent where id = ${id}::uuid for update`;
    await tx.$queryRaw`select 1 from image_session where agent_id = ${id}::uuid order by id for update`;
    const [points, committing, tasks] = [
      await tx.recoveryPoint.count({ where: { agentId: id } }),
      await tx.imageSession.count({ where: { agentId: id, state: "committing" } }),
      await tx.task.count({ where: { agentId: id, state: { in: ["queued", "running"] } } }),
    ];
    if (points + committing + tasks > 0)
      throw new TwincoreError(
        "unavailable",
        `"${name}" cannot be deleted yet: ${points} recovery points were locked or committed meanwhile, ${committing + tasks} other works go on.`,
      );
    await tx.imageSession.deleteMany({ where: { agentId: id } });
    const { count } = await tx.agent.deleteMany({ where: { id } });
    if (count === 0) return;
    await writeAudit(tx, ctx, "agent.deleted", id, { name });
    await emitEvent(tx, "agent", id);
    if (pairingId) await emitEvent(tx, "pairing", pairingId);
  });
}
