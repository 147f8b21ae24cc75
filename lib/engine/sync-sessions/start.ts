import "server-only";
import type { Tx } from "@/lib/db/client";
import { withTransaction } from "@/lib/db/transaction";
import { writeAudit } from "@/lib/engine/audit";
import { actorName, type EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";
import { notFound } from "@/lib/errors";
import type { Prisma, SyncSession } from "@/prisma/generated/client";
import { toSummary, withRepository } from "./convert";
import { StartSyncInput, type SyncSessionSummary } from "./schemas";

/** What one that did not end saw longer ago than this is looked at again. */
const CONTINUE_MS_MAX = 24 * 3600_000;

/**
 * Starts to reconcile a repository with its storage, or answers the session that is queued or running: there is one at a time.
 * It goes on where one stopped or failed within the last day. Throws `not_found`.
 */
export async function startSync(ctx: EngineContext, given: StartSyncInput): Promise<SyncSessionSummary> {
  const { repositoryId, verifyRecords } = StartSyncInput.parse(given);
  const { session, isNew } = await withTransaction(ctx.db, async (tx) => {
    // Of two that start at once, one waits here and then finds the session of the other.
    const locked = await tx.$queryRaw<unknown[]>`select 1 from repository where id = ${repositoryId}::uuid for update`;
    if (locked.length === 0) throw notFound("repository");
    const last = await tx.syncSession.findFirst({
      where: { repositoryId },
      orderBy: { id: "desc" },
      include: withRepository,
    });
    if (last?.state === "queued" || last?.state === "running") return { session: last, isNew: false };
    return { session: await insert(tx, ctx, { repositoryId, verifyRecords }, last), isNew: true };
  });
  // Asked for again when it runs already: the job of one may have been lost.
  if (isNew || session.state === "queued")
    await ctx.enqueue("sync-repository", { syncSessionId: session.id }, { key: session.id });
  return toSummary(session);
}

async function insert(
  tx: Tx,
  ctx: EngineContext,
  input: { repositoryId: string; verifyRecords: boolean },
  last: SyncSession | null,
) {
  const session = await tx.syncSession.create({
    data: {
      ...input,
      ...leftBy(ctx, last, input.verifyRecords),
      createdBy: actorName(ctx.actor),
      createdAt: ctx.now(),
    },
    include: withRepository,
  });
  await writeAudit(tx, ctx, "repository.sync", input.repositoryId, {
    syncSessionId: session.id,
    verifyRecords: input.verifyRecords,
  });
  await emitEvent(tx, "sync-session", session.id);
  await emitEvent(tx, "repository", input.repositoryId);
  return session;
}

/** Where the last one was, and what it had counted; nothing when it ended well, long ago, or looked less closely. */
function leftBy(ctx: EngineContext, last: SyncSession | null, verifyRecords: boolean) {
  if (last?.state !== "stopped" && last?.state !== "failed") return {};
  const isRecent = last.endedAt !== null && ctx.now().getTime() - last.endedAt.getTime() < CONTINUE_MS_MAX;
  if (!isRecent || last.verifyRecords !== verifyRecords) return {};
  return {
    phase: last.phase,
    cursor: last.cursor as Prisma.InputJsonValue,
    filesTotal: last.filesTotal,
    filesDone: last.filesDone,
    bytesTotal: last.bytesTotal,
    bytesDone: last.bytesDone,
    packsAdopted: last.packsAdopted,
    packsLost: last.packsLost,
    recordsLost: last.recordsLost,
    pointsAdopted: last.pointsAdopted,
    pointsLost: last.pointsLost,
    pointsFound: last.pointsFound,
    documentsWritten: last.documentsWritten,
    problems: last.problems as Prisma.InputJsonValue,
    problemCount: last.problemCount,
  };
}
