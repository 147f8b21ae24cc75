import "server-only";
import { withTransaction } from "@/lib/db/transaction";
import { raiseAlert } from "@/lib/engine/alerts/raise";
import { writeAudit } from "@/lib/engine/audit";
import type { AccountActor, EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";
import { conflict, TwincoreError } from "@/lib/errors";
import type { TwoPersonRequest } from "@/prisma/generated/client";
import { actionOf, agreersInWords } from "./actions";
import { countAgreers } from "./agreers";
import { openKeyOf } from "./digest";
import type { ProtectedWork } from "./guard";
import type { ProtectionSettings } from "./schemas";

const HOUR_MS = 3600_000;
/** More of one person nobody would read one by one. A vault of another vendor's API gives up at most 256 agents in one call. */
const WAITING_MAX = 500;

const keyOf = ({ accountId }: AccountActor, { action, input }: ProtectedWork) =>
  openKeyOf(action, input, actionOf(action).doneBy === "requester" ? accountId : null);

/** Uses an agreement that this very person got for this very thing; false: there is none. Of two calls at once, one uses it. */
export function takeAgreement(ctx: EngineContext, actor: AccountActor, work: ProtectedWork): Promise<boolean> {
  return withTransaction(ctx.db, async (tx) => {
    const now = ctx.now();
    const [taken] = await tx.twoPersonRequest.updateManyAndReturn({
      where: {
        openKey: keyOf(actor, work),
        state: "approved",
        requestedById: actor.accountId,
        expiresAt: { gt: now },
      },
      data: { state: "done", endedAt: now, openKey: null },
      select: { id: true },
    });
    if (!taken) return false;
    await writeAudit(tx, ctx, "two-person.use", taken.id, { action: work.action });
    await emitEvent(tx, "two-person", taken.id);
    return true;
  });
}

/** Has the request wait, or finds the one that does, and answers the error that says so. Throws conflict for a person with too many, forbidden for one that is bound to tenants and asks beyond them. */
export async function askForAgreement(
  ctx: EngineContext,
  actor: AccountActor,
  work: ProtectedWork,
  settings: ProtectionSettings,
): Promise<TwincoreError> {
  const { tenantIds } = actor;
  if (tenantIds && (work.tenantId === null || !tenantIds.includes(work.tenantId)))
    throw new TwincoreError(
      "forbidden",
      "This takes two people and is about the whole core, and your account is bound to some of its tenants. Ask an administrator of the core.",
    );
  const request = await findOrInsert(ctx, actor, work, settings);
  const { rule } = actionOf(work.action);
  const others = await countAgreers(ctx, { rule, except: request.requestedById, tenantId: work.tenantId });
  return new TwincoreError("agreement_pending", wordsFor(actor, request, others), { agreementId: request.id });
}

function findOrInsert(
  ctx: EngineContext,
  actor: AccountActor,
  work: ProtectedWork,
  { expiryHours }: ProtectionSettings,
): Promise<TwoPersonRequest> {
  const openKey = keyOf(actor, work);
  const now = ctx.now();
  return withTransaction(ctx.db, async (tx) => {
    const lapsed = { openKey, state: { in: ["waiting" as const, "approved" as const] }, expiresAt: { lte: now } };
    // The sweep says so a minute later; asking again must not find what nobody can agree to any more.
    if (actionOf(work.action).doneBy === "requester")
      await tx.twoPersonRequest.updateMany({ where: lapsed, data: { state: "expired", endedAt: now, openKey: null } });
    else
      await tx.twoPersonRequest.updateMany({
        where: { ...lapsed, state: "waiting" },
        data: { state: "expired", endedAt: now, openKey: null },
      });
    const [made] = await tx.twoPersonRequest.createManyAndReturn({
      data: [
        {
          ...columnsOf(actor, work),
          openKey,
          createdAt: now,
          expiresAt: new Date(now.getTime() + expiryHours * HOUR_MS),
        },
      ],
      skipDuplicates: true,
    });
    if (!made) return tx.twoPersonRequest.findUniqueOrThrow({ where: { openKey } });
    await assertFew(tx.twoPersonRequest, actor.accountId);
    await writeAudit(tx, ctx, "two-person.ask", made.id, { action: work.action, title: work.title });
    await raiseAlert(tx, ctx, {
      kind: "agreement-waiting",
      severity: "warning",
      subjectKind: "two-person-request",
      subjectId: made.id,
      tenantId: work.tenantId,
      title: `${actor.name} asks for a second person: ${work.title}`.slice(0, 300),
    });
    await emitEvent(tx, "two-person", made.id);
    return made;
  });
}

function columnsOf(actor: AccountActor, { action, title, input, subject, tenantId }: ProtectedWork) {
  return {
    action,
    title: title.slice(0, 500),
    input: JSON.parse(JSON.stringify(input)),
    subjectKind: subject.kind,
    subjectId: subject.id,
    tenantId,
    requestedById: actor.accountId,
    requestedBy: actor.name,
    door: actor.door ?? (actor.credential?.kind === "browser" ? "browser" : "api"),
  };
}

async function assertFew(
  table: { count(query: { where: { requestedById: string; state: "waiting" } }): Promise<number> },
  requestedById: string,
): Promise<void> {
  if ((await table.count({ where: { requestedById, state: "waiting" } })) > WAITING_MAX)
    throw conflict(`${WAITING_MAX} requests of yours wait for a second person. Take back those that are not needed.`);
}

function wordsFor(actor: AccountActor, request: TwoPersonRequest, others: number): string {
  const { rule } = actionOf(request.action as ProtectedWork["action"]);
  const who = agreersInWords(rule);
  if (request.state === "approved")
    return `A second person agreed to this already; it is being done. See Two-person requests.`;
  if (request.requestedById !== actor.accountId)
    return `${request.requestedBy} has asked for the very same, and it waits for a second person. Agree to it under Two-person requests, if you may. Nothing has been done yet.`;
  const missing =
    others === 0 ? ` There is no other account that could: an administrator makes one under People, as ${who}.` : "";
  return `This takes two people. It waits until ${who} with another account agrees to it under Two-person requests. Nothing has been done yet.${missing}`;
}
