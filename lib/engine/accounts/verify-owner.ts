import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { invalidInput, TwincoreError } from "@/lib/errors";
import { ownAccountId } from "./own";
import { isPassword } from "./password";
import type { OwnerProof } from "./second-factor/schemas";
import { verifySecondFactor } from "./second-factor/verify";
import { clearAttempts, takeAttempt } from "./throttle";

const FREE_PASSWORDS = 5;

/**
 * Is the owner of an account there? By its password, or by a code of its second factor; without `accountId`, of the account that asks.
 * Throws unauthenticated, too_many_requests, invalid_input when neither is given.
 */
export async function verifyOwner(ctx: EngineContext, input: { accountId?: string } & OwnerProof): Promise<void> {
  const accountId = input.accountId ?? ownAccountId(ctx);
  if (input.code !== undefined) return verifySecondFactor(ctx, { accountId, code: input.code });
  if (input.password === undefined) throw invalidInput("Give the password, or a code of the second factor.");
  // Not the counter of sign-ins: who sits at an open page must not lock its owner out of the others.
  const key = `owner:${accountId}`;
  await takeAttempt(ctx, key, FREE_PASSWORDS);
  const account = await ctx.db.prisma.account.findUnique({
    where: { id: accountId, disabledAt: null },
    select: { passwordHash: true },
  });
  if (!(await isPassword(account?.passwordHash ?? null, input.password)))
    throw new TwincoreError("unauthenticated", "The password is wrong.", { detail: "password-wrong" });
  await clearAttempts(ctx, key);
}

/** The owner of a sign-in has just proved to be there. An ended one stays as it is. */
export async function markProven(ctx: EngineContext, { signInId }: { signInId: string }): Promise<void> {
  await ctx.db.prisma.signIn.updateMany({ where: { id: signInId, endedAt: null }, data: { provenAt: ctx.now() } });
}
