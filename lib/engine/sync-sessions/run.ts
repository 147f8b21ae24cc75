import "server-only";
import { withTransaction } from "@/lib/db/transaction";
import { watchRepositories } from "@/lib/engine/alerts/watch/repositories";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";
import { measureRepositories } from "@/lib/engine/repositories/measure";
import { openRepository } from "@/lib/engine/repositories/open";
import { withTaskLock } from "@/lib/engine/tasks/lock";
import { toTwincoreError } from "@/lib/errors";
import type { SyncSession } from "@/prisma/generated/client";
import { countFiles } from "./count";
import { SyncCursor } from "./cursor";
import { checkCatalog } from "./phases/catalog";
import { adoptDocuments } from "./phases/documents";
import { comparePacks } from "./phases/packs";
import { findSecondCopies } from "./phases/second-copies";
import { StopRequested, SyncProgress } from "./progress";
import type { SyncWork } from "./work";

export interface RunSyncInput {
  syncSessionId: string;
  /** Aborted when the worker stops: another one goes on. */
  signal: AbortSignal;
}

/**
 * Runs a sync session that is queued, or whose worker died, from where it was. Two workers exclude each other by the repository.
 * Resolves when the session has ended, well or not; throws when it is to be run again.
 */
export async function runSync(ctx: EngineContext, { syncSessionId, signal }: RunSyncInput): Promise<void> {
  const found = await ctx.db.prisma.syncSession.findUnique({ where: { id: syncSessionId } });
  if (!found) return;
  await withTaskLock(ctx, found.repositoryId, async (lost) => {
    const session = await ctx.db.prisma.syncSession.findUnique({ where: { id: syncSessionId } });
    if (session?.state === "queued" || session?.state === "running")
      await runLocked(ctx, session, AbortSignal.any([signal, lost]));
  });
}

async function runLocked(ctx: EngineContext, session: SyncSession, signal: AbortSignal): Promise<void> {
  const progress = new SyncProgress(ctx, session, await cursorOf(ctx, session), signal);
  try {
    if (!(await begin(ctx, session))) return;
    const repository = await openRepository(ctx, session.repositoryId);
    await goThrough({ ctx, repository, progress, signal, tenants: new Map() });
    await progress.write({ state: "succeeded", endedAt: ctx.now(), failureCode: null, failureMessage: null });
  } catch (thrown) {
    if (thrown instanceof StopRequested) return progress.write({ state: "stopped", endedAt: ctx.now() });
    // The worker stops, or its database is gone: the row stays as it is, and the next worker goes on.
    if (signal.aborted) throw thrown;
    const error = toTwincoreError(thrown);
    if (error.code === "internal") ctx.log.error({ err: thrown, syncSessionId: session.id }, "a sync session failed");
    const failure = { failureCode: error.code, failureMessage: error.message };
    await progress.write({ state: "failed", endedAt: ctx.now(), ...failure });
  }
}

/** One that went on from another has its cursor; others begin. */
async function cursorOf(ctx: EngineContext, session: SyncSession): Promise<SyncCursor> {
  const left = SyncCursor.safeParse(session.cursor);
  if (left.success) return left.data;
  const { _max } = await ctx.db.prisma.pack.aggregate({ _max: { number: true } });
  return SyncCursor.parse({ walkId: session.id, lastPack: (_max.number ?? 0n).toString() });
}

/** false: it was stopped before it began. */
function begin(ctx: EngineContext, { id, startedAt, repositoryId }: SyncSession): Promise<boolean> {
  return withTransaction(ctx.db, async (tx) => {
    const { count } = await tx.syncSession.updateMany({
      where: { id, state: { in: ["queued", "running"] } },
      data: { state: "running", startedAt: startedAt ?? ctx.now(), updatedAt: ctx.now() },
    });
    await emitEvent(tx, "sync-session", id);
    await emitEvent(tx, "repository", repositoryId);
    return count > 0;
  });
}

/** The phases from the one that it is in. Packs come before points: a point is only listed when its records are indexed. */
async function goThrough(work: SyncWork): Promise<void> {
  const { progress, ctx, repository } = work;
  if (progress.phase === "counting") await countFiles(work);
  if (progress.phase === "packs") await comparePacks(work);
  if (progress.phase === "records") await findSecondCopies(work);
  if (progress.phase === "points") {
    if (progress.cursor.part === "files") await adoptDocuments(work);
    await checkCatalog(work);
  }
  await measureRepositories(ctx, repository.id);
  await watchRepositories(ctx);
  const inSync = { syncedAt: ctx.now(), isOutOfSync: false };
  await ctx.db.prisma.repository.update({ where: { id: repository.id }, data: inSync });
}
