import "server-only";
import { withTransaction } from "@/lib/db/transaction";
import { writeAudit } from "@/lib/engine/audit";
import type { EngineContext } from "@/lib/engine/context";
import { endOthers } from "./end-sign-ins";
import { ownAccountId } from "./own";
import { hashPassword } from "./password";
import { spendLinks } from "./password-links";
import type { ChangePasswordInput } from "./schemas";
import { verifyOwner } from "./verify-owner";

/**
 * The caller's own password; all other sign-ins of the account end, those of other vendors' clients too. Throws unauthenticated for a
 * wrong old one, too_many_requests.
 */
export async function changePassword(
  ctx: EngineContext,
  { oldPassword, newPassword }: ChangePasswordInput,
): Promise<{ ended: number }> {
  const id = ownAccountId(ctx);
  await verifyOwner(ctx, { accountId: id, password: oldPassword });
  const passwordHash = await hashPassword(newPassword);
  return withTransaction(ctx.db, async (tx) => {
    const now = ctx.now();
    await tx.account.update({ where: { id }, data: { passwordHash, passwordChangedAt: now } });
    await spendLinks(tx, id, now);
    const ended = await endOthers(tx, ctx, id);
    await tx.vendorSignIn.updateMany({ where: { accountId: id, endedAt: null }, data: { endedAt: now } });
    await writeAudit(tx, ctx, "account.change-password", id);
    return { ended };
  });
}
