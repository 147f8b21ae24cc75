import "server-only";
import type { Tx } from "@/lib/db/client";
import { withTransaction } from "@/lib/db/transaction";
import { clearAlert } from "@/lib/engine/alerts/raise";
import { writeAudit } from "@/lib/engine/audit";
import type { AccountActor, EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";
import { readSetting } from "@/lib/engine/settings";
import { conflict, notFound, TwincoreError } from "@/lib/errors";
import type { TwoPersonRequest as Row } from "@/prisma/generated/client";
import { actionOf, agreersInWords, type ProtectedAction } from "./actions";
import { assertProven } from "./proof";
import { getTwoPersonRequest, mayAgree } from "./requests";
import type { DenyTwoPersonRequestInput, ExplainTwoPersonRequestInput, TwoPersonRequest } from "./schemas";

const HOUR_MS = 3600_000;

/**
 * The second person agrees, after proving to be there: a job does it at once, or whoever asked may now. Of two who agree, one does. Throws
 * not_found, forbidden for whoever asked and for another role, step_up_required, conflict for one that ended or expired.
 */
export async function agreeToRequest(ctx: EngineContext, { id }: { id: string }): Promise<TwoPersonRequest> {
  const actor = personOf(ctx);
  const settings = await readSetting(ctx.db.prisma, "protection");
  const row = await requireRow(ctx, id);
  assertMayAgree(ctx, row);
  assertProven(ctx, actor, settings);
  const { doneBy } = actionOf(row.action as ProtectedAction);
  const now = ctx.now();
  // Whoever asked has as long again to come back.
  const later = doneBy === "requester" ? { expiresAt: new Date(now.getTime() + settings.expiryHours * HOUR_MS) } : {};
  await end(ctx, id, "two-person.agree", {
    state: "approved",
    decidedById: actor.accountId,
    decidedBy: actor.name,
    ...later,
  });
  if (doneBy === "core") await ctx.enqueue("do-agreed-request", { requestId: id }, { key: id });
  return getTwoPersonRequest(ctx, { id });
}

/** The second person says no, and why. Throws as agreeing does, but asks for no proof: nothing happens. */
export async function denyTwoPersonRequest(
  ctx: EngineContext,
  { id, message }: DenyTwoPersonRequestInput,
): Promise<TwoPersonRequest> {
  const actor = personOf(ctx);
  assertMayAgree(ctx, await requireRow(ctx, id));
  const decided = { decidedById: actor.accountId, decidedBy: actor.name, message };
  await end(ctx, id, "two-person.deny", { state: "denied", openKey: null, endedAt: ctx.now(), ...decided });
  return getTwoPersonRequest(ctx, { id });
}

/** Whoever asked takes it back. Throws not_found, forbidden for everybody else, conflict for one that was decided. */
export async function cancelTwoPersonRequest(ctx: EngineContext, { id }: { id: string }): Promise<TwoPersonRequest> {
  assertMine(ctx, await requireRow(ctx, id));
  await end(ctx, id, "two-person.cancel", { state: "cancelled", openKey: null, endedAt: ctx.now() });
  return getTwoPersonRequest(ctx, { id });
}

/** Whoever asked says why, for the second person to read. Throws not_found, forbidden, conflict for one that was decided. */
export async function explainTwoPersonRequest(
  ctx: EngineContext,
  { id, reason }: ExplainTwoPersonRequestInput,
): Promise<TwoPersonRequest> {
  assertMine(ctx, await requireRow(ctx, id));
  await withTransaction(ctx.db, async (tx) => {
    const { count } = await tx.twoPersonRequest.updateMany({ where: { id, state: "waiting" }, data: { reason } });
    if (count === 0) throw conflict("This request does not wait any more.", "wrong-state");
    await writeAudit(tx, ctx, "two-person.explain", id, { reason });
    await emitEvent(tx, "two-person", id);
  });
  return getTwoPersonRequest(ctx, { id });
}

type Ending = Partial<
  Pick<Row, "state" | "openKey" | "endedAt" | "decidedById" | "decidedBy" | "message" | "expiresAt">
>;

/** Decides one that waits, in a statement that lets one decision through. Throws conflict that says what became of it. */
async function end(ctx: EngineContext, id: string, action: string, data: Ending): Promise<void> {
  const now = ctx.now();
  await withTransaction(ctx.db, async (tx) => {
    const decidedAt = data.decidedById ? now : undefined;
    const { count } = await tx.twoPersonRequest.updateMany({
      where: { id, state: "waiting", expiresAt: { gt: now } },
      data: { ...data, decidedAt },
    });
    if (count === 0) throw await whyNot(tx, id);
    await writeAudit(tx, ctx, action, id, data.message ? { message: data.message } : {});
    await clearAlert(tx, ctx, { kind: "agreement-waiting", subjectId: id });
    await emitEvent(tx, "two-person", id);
  });
}

const BECAME: Readonly<Record<Row["state"], string>> = {
  waiting: "has expired",
  approved: "was agreed to already",
  denied: "was denied already",
  expired: "has expired",
  cancelled: "was taken back by whoever asked",
  done: "was agreed to and done already",
  failed: "was agreed to already, and failed",
};

async function whyNot(tx: Tx, id: string): Promise<Error> {
  const row = await tx.twoPersonRequest.findUniqueOrThrow({ where: { id } });
  return conflict(`This request ${BECAME[row.state]}.`, "wrong-state");
}

async function requireRow(ctx: EngineContext, id: string): Promise<Row> {
  const row = await ctx.db.prisma.twoPersonRequest.findUnique({ where: { id } });
  if (!row) throw notFound("two-person request");
  return row;
}

function personOf({ actor }: EngineContext): AccountActor {
  if (actor.kind !== "account") throw new TwincoreError("unauthenticated", "Only a person can be the second person.");
  return actor;
}

function assertMine(ctx: EngineContext, row: Row): void {
  if (personOf(ctx).accountId !== row.requestedById)
    throw new TwincoreError(
      "forbidden",
      "Only whoever asked may do this. You can agree to it or deny it, if your role may.",
    );
}

function assertMayAgree(ctx: EngineContext, row: Row): void {
  if (mayAgree(ctx, row)) return;
  const who = agreersInWords(actionOf(row.action as ProtectedAction).rule);
  if (personOf(ctx).accountId === row.requestedById)
    throw new TwincoreError("forbidden", `You asked for this yourself. It takes ${who} with another account.`, {
      detail: "same-person",
    });
  throw new TwincoreError(
    "forbidden",
    `This takes ${who} of ${row.tenantId ? "its tenant or of" : ""} the whole core.`.replace("  ", " "),
  );
}
