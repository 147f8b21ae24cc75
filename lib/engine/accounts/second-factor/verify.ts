import "server-only";
import { withTransaction } from "@/lib/db/transaction";
import { writeAudit } from "@/lib/engine/audit";
import type { EngineContext } from "@/lib/engine/context";
import { TwincoreError } from "@/lib/errors";
import { clearAttempts, takeAttempt } from "../throttle";
import { hashOf, isAuthenticatorCode, plainOf, stepOf } from "./codes";

/** As for passwords: who mistypes gets through, a guesser gets ten a quarter of an hour, of a million. */
const FREE_CODES = 5;

/**
 * Takes a code of an account's second factor, or one of its recovery codes; each counts once. Throws unauthenticated with the detail
 * "second-factor-wrong", the same for a wrong and for a used one, and too_many_requests.
 */
export async function verifySecondFactor(
  ctx: EngineContext,
  { accountId, code }: { accountId: string; code: string },
): Promise<void> {
  const key = `second-factor:${accountId}`;
  await takeAttempt(ctx, key, FREE_CODES);
  const plain = plainOf(code);
  const right = isAuthenticatorCode(plain)
    ? await takeStep(ctx, accountId, plain)
    : await takeRecoveryCode(ctx, accountId, plain);
  if (!right)
    throw new TwincoreError(
      "unauthenticated",
      "This code is wrong, or was used already. Take the next one that the authenticator shows.",
      { detail: "second-factor-wrong" },
    );
  await clearAttempts(ctx, key);
}

async function takeStep(ctx: EngineContext, accountId: string, code: string): Promise<boolean> {
  const account = await ctx.db.prisma.account.findUnique({
    where: { id: accountId, totpEnabledAt: { not: null } },
    select: { totpKey: true },
  });
  const step = account?.totpKey ? stepOf(ctx.secret, accountId, account.totpKey, code, ctx.now()) : null;
  if (step === null) return false;
  // Asking whether it was used and marking it used are one statement: of two who bring the same code, one gets in.
  const { count } = await ctx.db.prisma.account.updateMany({
    where: { id: accountId, totpEnabledAt: { not: null }, OR: [{ totpStep: null }, { totpStep: { lt: step } }] },
    data: { totpStep: step },
  });
  return count === 1;
}

function takeRecoveryCode(ctx: EngineContext, accountId: string, code: string): Promise<boolean> {
  return withTransaction(ctx.db, async (tx) => {
    const { count } = await tx.recoveryCode.updateMany({
      where: { accountId, hash: hashOf(code), usedAt: null, account: { totpEnabledAt: { not: null } } },
      data: { usedAt: ctx.now() },
    });
    if (count === 0) return false;
    const left = await tx.recoveryCode.count({ where: { accountId, usedAt: null } });
    await writeAudit(tx, ctx, "recovery-code.use", accountId, { left });
    return true;
  });
}
