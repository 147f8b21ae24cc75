import "server-only";
import { withTransaction } from "@/lib/db/transaction";
import { IDENTITY, toActor, toMe } from "@/lib/engine/accounts/identity";
import { clearAlert } from "@/lib/engine/alerts/raise";
import { writeAudit } from "@/lib/engine/audit";
import type { AccountActor, Credential, EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";
import { conflict, isRetryable, toTwincoreError } from "@/lib/errors";
import type { TwoPersonRequest as Row } from "@/prisma/generated/client";
import { actionOf, type CoreAction, type ProtectedAction } from "./actions";
import { VERBS } from "./verbs";

/** What fails for a passing reason (a disk that is away) is tried again for so long. */
const TRIED_MS = 24 * 3600_000;
/** A minute's work; the next sweep goes on. */
const PER_SWEEP = 200;

/**
 * Does what a second person agreed to, as whoever asked: the very verb, which looks at the world as it is now. Its audit lines carry the
 * request's id, so that after a crash it is known whether it was done. Again is no error. What fails for good ends as failed, with the
 * reason; what may succeed later is thrown, for the job to try again.
 */
export async function doAgreedRequest(ctx: EngineContext, { requestId }: { requestId: string }): Promise<void> {
  const request = await ctx.db.prisma.twoPersonRequest.findUnique({ where: { id: requestId } });
  if (request?.state !== "approved" || actionOf(request.action as ProtectedAction).doneBy !== "core") return;
  try {
    if (!(await wasDone(ctx, request))) {
      const actor = await requesterOf(ctx, request);
      const db = actor.tenantIds ? ctx.db.scoped({ accountId: actor.accountId, tenantIds: actor.tenantIds }) : ctx.db;
      const asRequester: EngineContext = { ...ctx, db, actor, agreedRequestId: request.id, requestId: request.id };
      await VERBS[request.action as CoreAction].run(asRequester, request.input);
    }
  } catch (thrown) {
    const error = toTwincoreError(thrown);
    const since = request.decidedAt ?? request.createdAt;
    if (isRetryable(thrown) && since.getTime() + TRIED_MS > ctx.now().getTime()) throw thrown;
    return conclude(ctx, request, { state: "failed", message: error.message });
  }
  await conclude(ctx, request, { state: "done", message: "" });
}

/** Killed between doing it and saying so? What the verb did is in the audit trail, under the request's id, since the moment it was agreed to. */
async function wasDone(ctx: EngineContext, { id, decidedAt, createdAt }: Row): Promise<boolean> {
  const found = await ctx.db.prisma.auditEntry.findFirst({
    where: {
      at: { gte: decidedAt ?? createdAt },
      requestId: id,
      result: "done",
      NOT: { action: { startsWith: "two-person." } },
    },
    select: { id: true },
  });
  return found !== null;
}

/** Whoever asked, with the rights of this moment. Throws conflict when they are not what they were. */
async function requesterOf(ctx: EngineContext, request: Row): Promise<AccountActor> {
  const account = await ctx.db.prisma.account.findUnique({ where: { id: request.requestedById }, select: IDENTITY });
  if (!account || account.disabledAt) throw conflict(`The account of ${request.requestedBy} was disabled meanwhile.`);
  const { askers } = actionOf(request.action as ProtectedAction);
  const reaches = account.allTenants || account.tenants.some(({ tenantId }) => tenantId === request.tenantId);
  if (!askers.includes(account.role) || !reaches)
    throw conflict(
      `${request.requestedBy} may not do this any more: the rights of the account were changed meanwhile.`,
    );
  const byBrowser = request.door === "browser";
  const credential: Credential = { kind: byBrowser ? "browser" : "api-token", id: null, provenAt: null, scopes: [] };
  return toActor(
    { account: toMe(account), credential },
    byBrowser || request.door === "api" ? undefined : request.door,
  );
}

async function conclude(
  ctx: EngineContext,
  { id, action }: Row,
  { state, message }: { state: "done" | "failed"; message: string },
): Promise<void> {
  await withTransaction(ctx.db, async (tx) => {
    const { count } = await tx.twoPersonRequest.updateMany({
      where: { id, state: "approved" },
      data: { state, message, endedAt: ctx.now(), openKey: null },
    });
    if (count === 0) return;
    await writeAudit(tx, ctx, "two-person.do", id, { action }, { result: state, reason: message });
    await emitEvent(tx, "two-person", id);
  });
}

/** Ends requests that nobody agreed to in time, or came back for, and has those done whose job was lost in a crash. Part of the sweep. */
export async function sweepTwoPersonRequests(ctx: EngineContext): Promise<void> {
  const now = ctx.now();
  const open = await ctx.db.prisma.twoPersonRequest.findMany({
    where: { OR: [{ state: "waiting", expiresAt: { lte: now } }, { state: "approved" }] },
    orderBy: { createdAt: "asc" },
    take: PER_SWEEP,
  });
  for (const request of open) {
    const isLapsed = request.expiresAt <= now;
    if (request.state === "approved" && actionOf(request.action as ProtectedAction).doneBy === "core")
      await ctx.enqueue("do-agreed-request", { requestId: request.id }, { key: request.id });
    else if (isLapsed) await expire(ctx, request);
  }
}

async function expire(ctx: EngineContext, { id, state, expiresAt }: Row): Promise<void> {
  await withTransaction(ctx.db, async (tx) => {
    const { count } = await tx.twoPersonRequest.updateMany({
      where: { id, state, expiresAt },
      data: { state: "expired", endedAt: ctx.now(), openKey: null },
    });
    if (count === 0) return;
    await writeAudit(tx, ctx, "two-person.expire", id);
    await clearAlert(tx, ctx, { kind: "agreement-waiting", subjectId: id });
    await emitEvent(tx, "two-person", id);
  });
}
