import "server-only";
import type { Tx } from "@/lib/db/client";
import { withTransaction } from "@/lib/db/transaction";
import { writeAudit } from "@/lib/engine/audit";
import { actorName, type EngineContext } from "@/lib/engine/context";
import { emitEvents, emitRightsChange } from "@/lib/engine/events/emit";
import { Id } from "@/lib/engine/schemas";
import { notFound } from "@/lib/errors";
import type { Prisma } from "@/prisma/generated/client";
import { ownAccountId } from "./own";

/** Its owner signs out. Ending it twice, or one that is unknown, is no error. */
export async function endSignIn(ctx: EngineContext, input: { id: string }): Promise<void> {
  if (!Id.safeParse(input.id).success) return;
  await withTransaction(ctx.db, async (tx) => {
    const [ended] = await end(tx, ctx, { id: input.id }, null);
    if (!ended) return;
    const { id: accountId, email: name, role } = ended.account;
    const by: EngineContext =
      ctx.actor.kind === "system" ? { ...ctx, actor: { kind: "account", accountId, name, role } } : ctx;
    await writeAudit(tx, by, "sign-in.end", accountId, { by: "its owner" });
  });
}

/** Ends a sign-in of the caller's own, here or in another browser, at once. Throws not_found, also for those of others. */
export function endOwnSignIn(ctx: EngineContext, { id }: { id: string }): Promise<Record<string, never>> {
  return withTransaction(ctx.db, async (tx) => {
    const accountId = ownAccountId(ctx);
    const [ended] = await end(tx, ctx, { id, accountId }, null);
    if (!ended) throw notFound("sign-in");
    await writeAudit(tx, ctx, "sign-in.end", accountId, { by: "its owner", address: ended.address });
    return {};
  });
}

/** Ends any sign-in at once: an administrator's order. Its browser notices by itself. Throws not_found. */
export function endSignInById(ctx: EngineContext, { id }: { id: string }): Promise<Record<string, never>> {
  return withTransaction(ctx.db, async (tx) => {
    const [ended] = await end(tx, ctx, { id }, actorName(ctx.actor));
    if (!ended) throw notFound("sign-in");
    const { id: accountId, email } = ended.account;
    await writeAudit(tx, ctx, "sign-in.end", accountId, { email, address: ended.address });
    return {};
  });
}

/** Ends all other sign-ins of the caller; only the one that asks goes on. Answers how many there were. */
export function endOtherSignIns(ctx: EngineContext, _input: object): Promise<{ ended: number }> {
  return withTransaction(ctx.db, async (tx) => ({ ended: await endOthers(tx, ctx, ownAccountId(ctx)) }));
}

/** The same as a part of something else: a changed password. */
export async function endOthers(tx: Tx, ctx: EngineContext, accountId: string): Promise<number> {
  const current = ctx.actor.kind === "account" ? (ctx.actor.credential ?? null) : null;
  const not = current?.kind === "browser" && current.id ? { not: current.id } : undefined;
  const ended = await end(tx, ctx, { accountId, id: not }, null);
  if (ended.length > 0) await writeAudit(tx, ctx, "sign-in.end-others", accountId, { ended: ended.length });
  return ended.length;
}

/**
 * Ends everything that a password once opened, browsers and clients of other vendors' APIs, in the caller's transaction. `by`: who
 * ordered it, when that is not the owner.
 */
export async function endAllSignIns(tx: Tx, ctx: EngineContext, accountId: string, by: string | null): Promise<void> {
  await end(tx, ctx, { accountId }, by);
  await tx.vendorSignIn.updateMany({ where: { accountId, endedAt: null }, data: { endedAt: ctx.now() } });
}

async function end(tx: Tx, ctx: EngineContext, where: Prisma.SignInWhereInput, by: string | null) {
  const ended = await tx.signIn.updateManyAndReturn({
    where: { ...where, endedAt: null },
    data: { endedAt: ctx.now(), endedBy: by },
    select: { id: true, address: true, account: { select: { id: true, email: true, role: true } } },
  });
  if (ended.length > 0) {
    await emitEvents(
      tx,
      "sign-in",
      ended.map(({ id }) => id),
    );
    await emitRightsChange(tx);
  }
  return ended;
}
