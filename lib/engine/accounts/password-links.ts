import "server-only";
import { randomBytes } from "node:crypto";
import type { Tx } from "@/lib/db/client";
import { withTransaction } from "@/lib/db/transaction";
import { writeAudit } from "@/lib/engine/audit";
import { actorName, type EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";
import { sha256 } from "@/lib/engine/trust";
import { conflict, notFound, TwincoreError } from "@/lib/errors";
import { endAllSignIns } from "./end-sign-ins";
import { IDENTITY, toMe } from "./identity";
import { hashPassword } from "./password";
import type { GetPasswordLinkInput, Me, PasswordLink, PasswordLinkReport, RedeemPasswordLinkInput } from "./schemas";
import { takeAttempt } from "./throttle";

const TOKEN_BYTES = 32;
/** Long enough for somebody's week of leave to end, short enough that a link in an old message opens nothing. */
const LIFE_MS = 7 * 24 * 3600_000;
/** Nobody opens more links in a quarter of an hour; a token cannot be guessed anyway, but each try costs a look-up. */
const FREE_PER_ADDRESS = 30;

/** A link for an account, in the caller's transaction; earlier ones open nothing any more. */
export async function createPasswordLink(
  tx: Tx,
  ctx: EngineContext,
  accountId: string,
  purpose: "invitation" | "reset",
): Promise<PasswordLink> {
  const now = ctx.now();
  const token = randomBytes(TOKEN_BYTES).toString("base64url");
  const expiresAt = new Date(now.getTime() + LIFE_MS);
  await spendLinks(tx, accountId, now);
  await tx.accountLink.create({
    data: {
      accountId,
      purpose,
      hash: sha256(Buffer.from(token)),
      createdBy: actorName(ctx.actor),
      createdAt: now,
      expiresAt,
    },
  });
  return { token, expiresAt: expiresAt.toISOString() };
}

/** Makes an account's unused links worthless. */
export async function spendLinks(tx: Tx, accountId: string, now: Date): Promise<void> {
  await tx.accountLink.updateMany({ where: { accountId, usedAt: null }, data: { usedAt: now } });
}

/**
 * An administrator lets somebody choose a new password: the old one opens nothing from now on, all sign-ins end, and a one-time link is
 * answered, this once. For an account that was never used it is a new invitation. Throws not_found; conflict for one's own account and
 * for a disabled one.
 */
export function resetPassword(ctx: EngineContext, { id }: { id: string }): Promise<PasswordLink> {
  return withTransaction(ctx.db, async (tx) => {
    const account = await tx.account.findUnique({
      where: { id },
      select: { email: true, disabledAt: true, passwordHash: true, identity: true },
    });
    if (!account) throw notFound("account");
    if (ctx.actor.kind === "account" && ctx.actor.accountId === id)
      throw conflict("Change your own password on the page of your account: nobody should lock themselves out.");
    if (account.disabledAt) throw conflict("This account is disabled. Enable it first.");
    const isNew = account.passwordHash === null && account.identity === null;
    await tx.account.update({ where: { id }, data: { passwordHash: null } });
    await endAllSignIns(tx, ctx, id, actorName(ctx.actor));
    const link = await createPasswordLink(tx, ctx, id, isNew ? "invitation" : "reset");
    await writeAudit(tx, ctx, isNew ? "account.invite-again" : "account.reset-password", id, { email: account.email });
    await emitEvent(tx, "account", id);
    return link;
  });
}

/** Whose link this is, for the page behind it. Throws forbidden for one that is wrong, used or too old; too_many_requests. */
export async function getPasswordLink(ctx: EngineContext, input: GetPasswordLinkInput): Promise<PasswordLinkReport> {
  await takeAttempt(ctx, `link-address:${ctx.address ?? "unknown"}`, FREE_PER_ADDRESS);
  const link = await ctx.db.prisma.accountLink.findFirst({
    where: usable(ctx, input.token),
    select: { purpose: true, expiresAt: true, account: { select: { name: true, email: true } } },
  });
  if (!link) throw deadLink();
  return { purpose: link.purpose, expiresAt: link.expiresAt.toISOString(), ...link.account };
}

/**
 * Sets the password of the account that a link is for, once, and ends every sign-in of it; a second factor stays. Throws forbidden for
 * a link that is wrong, used or too old.
 */
export async function redeemPasswordLink(ctx: EngineContext, input: RedeemPasswordLinkInput): Promise<Me> {
  // Looked at before the password is hashed: that costs 19 MiB, and is not for everybody who sends nonsense.
  await getPasswordLink(ctx, { token: input.token });
  const passwordHash = await hashPassword(input.password);
  return withTransaction(ctx.db, async (tx) => {
    const now = ctx.now();
    // Marking it used and checking it are one statement: of two people with the link, one sets a password.
    const [used] = await tx.accountLink.updateManyAndReturn({
      where: usable(ctx, input.token),
      data: { usedAt: now },
      select: { accountId: true, purpose: true },
    });
    if (!used) throw deadLink();
    const row = await tx.account.update({
      where: { id: used.accountId },
      data: { passwordHash, passwordChangedAt: now },
      select: IDENTITY,
    });
    await spendLinks(tx, used.accountId, now);
    await endAllSignIns(tx, ctx, used.accountId, null);
    const me = toMe(row);
    const actor = { kind: "account", accountId: me.accountId, name: me.email, role: me.role } as const;
    await writeAudit(tx, { ...ctx, actor }, "account.redeem-link", me.accountId, { purpose: used.purpose });
    await emitEvent(tx, "account", me.accountId);
    return me;
  });
}

const usable = (ctx: EngineContext, token: string) => ({
  hash: sha256(Buffer.from(token)),
  usedAt: null,
  expiresAt: { gt: ctx.now() },
  account: { disabledAt: null },
});

const deadLink = () =>
  new TwincoreError(
    "forbidden",
    "This link is wrong, was used already, or is older than a week. Ask an administrator of this core for a new one.",
  );
