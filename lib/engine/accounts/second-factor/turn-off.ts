import "server-only";
import type { Tx } from "@/lib/db/client";
import { withTransaction } from "@/lib/db/transaction";
import { writeAudit } from "@/lib/engine/audit";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";
import { conflict, notFound } from "@/lib/errors";
import { ownAccountId } from "../own";
import { verifyOwner } from "../verify-owner";
import type { OwnerProof } from "./schemas";

/** Turns the caller's own second factor off. Again is no error. Throws unauthenticated, too_many_requests. */
export async function turnOffSecondFactor(ctx: EngineContext, proof: OwnerProof): Promise<Record<string, never>> {
  const id = ownAccountId(ctx);
  await verifyOwner(ctx, { accountId: id, ...proof });
  return withTransaction(ctx.db, async (tx) => {
    if (await forget(tx, id)) await tell(tx, ctx, "second-factor.disable", id);
    return {};
  });
}

/** An administrator's help for somebody who lost phone and recovery codes. Throws not_found, conflict when there is none. */
export function removeSecondFactor(ctx: EngineContext, { id }: { id: string }): Promise<Record<string, never>> {
  return withTransaction(ctx.db, async (tx) => {
    if (!(await tx.account.findUnique({ where: { id }, select: { id: true } }))) throw notFound("account");
    if (!(await forget(tx, id))) throw conflict("This account has no second factor.");
    await tell(tx, ctx, "second-factor.remove", id);
    return {};
  });
}

async function forget(tx: Tx, id: string): Promise<boolean> {
  const { count } = await tx.account.updateMany({
    where: { id, totpEnabledAt: { not: null } },
    // The step stays: a code that was used is used, also for a key that comes back.
    data: { totpKey: null, totpEnabledAt: null },
  });
  await tx.recoveryCode.deleteMany({ where: { accountId: id } });
  return count === 1;
}

async function tell(tx: Tx, ctx: EngineContext, action: string, id: string): Promise<void> {
  await writeAudit(tx, ctx, action, id);
  await emitEvent(tx, "account", id);
}
