import "server-only";
import { withTransaction } from "@/lib/db/transaction";
import { writeAudit } from "@/lib/engine/audit";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";
import { conflict, notFound } from "@/lib/errors";
import { bindToTenants, lockRights, REPORT, toAccountReport } from "./internal";
import { createPasswordLink } from "./password-links";
import type { AccountReport, InviteAccountInput, PasswordLink } from "./schemas";

/**
 * A new account without a password, and the one-time link with which its owner chooses one; the link is answered this once. Throws
 * conflict when the address has an account, invalid_input for a tenant that is not there.
 */
export function inviteAccount(
  ctx: EngineContext,
  { name, email, role, tenantIds }: InviteAccountInput,
): Promise<{ account: AccountReport; link: PasswordLink }> {
  return withTransaction(ctx.db, async (tx) => {
    await lockRights(tx);
    if (await tx.account.findUnique({ where: { email }, select: { id: true } }))
      throw conflict(`${email} has an account already.`, "exists");
    const { id } = await tx.account.create({ data: { name, email, role, createdAt: ctx.now() }, select: { id: true } });
    await bindToTenants(tx, id, tenantIds);
    const link = await createPasswordLink(tx, ctx, id, "invitation");
    await writeAudit(tx, ctx, "account.invite", id, { email, role, tenantIds });
    await emitEvent(tx, "account", id);
    const row = await tx.account.findUniqueOrThrow({ where: { id }, select: REPORT });
    return { account: toAccountReport(row), link };
  });
}

/** Removes an account that nobody ever used: a mistyped invitation. Throws not_found; conflict for others, which are disabled instead. */
export function deleteAccount(ctx: EngineContext, { id }: { id: string }): Promise<Record<string, never>> {
  return withTransaction(ctx.db, async (tx) => {
    await lockRights(tx);
    const account = await tx.account.findUnique({ where: { id }, select: REPORT });
    if (!account) throw notFound("account");
    const report = toAccountReport(account);
    if (account.lastSignInAt !== null || account.passwordHash !== null || account.identity !== null)
      throw conflict(`${account.email} was used. Disable the account: what it did stays under its name.`, "in-use");
    await tx.account.delete({ where: { id } });
    await writeAudit(tx, ctx, "account.delete", id, { email: report.email, role: report.role });
    await emitEvent(tx, "account", id);
    return {};
  });
}
