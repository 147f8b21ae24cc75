import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { TwincoreError } from "@/lib/errors";
import { IDENTITY, toMe } from "./identity";
import { isPassword } from "./password";
import type { Me } from "./schemas";
import { clearAttempts, returnAttempt, takeAttempt } from "./throttle";

/** A person who mistypes gets through; a guesser gets ten a quarter of an hour at most. */
const FREE_PER_ACCOUNT = 5;
/** An office behind one address signs in every morning. */
const FREE_PER_ADDRESS = 50;

export interface VerifyPasswordInput {
  email: string;
  password: string;
  /** Where the attempt comes from. */
  address: string;
}

/** The account whose password this is. Throws unauthenticated, the same and as slowly for an unknown account, and too_many_requests. */
export async function verifyPassword(ctx: EngineContext, input: VerifyPasswordInput): Promise<Me> {
  const email = input.email.trim().toLowerCase().slice(0, 254);
  const addressKey = `sign-in-address:${input.address.slice(0, 64)}`;
  await takeAttempt(ctx, addressKey, FREE_PER_ADDRESS);
  await takeAttempt(ctx, `sign-in:${email}`, FREE_PER_ACCOUNT);
  const account = await ctx.db.prisma.account.findUnique({
    where: { email },
    select: { ...IDENTITY, passwordHash: true },
  });
  const right = await isPassword(account && !account.disabledAt ? account.passwordHash : null, input.password);
  if (!account || !right) {
    ctx.log.warn({ address: input.address, requestId: ctx.requestId }, "a sign-in was refused");
    throw new TwincoreError("unauthenticated", "The e-mail address or the password is wrong.");
  }
  await clearAttempts(ctx, `sign-in:${email}`);
  await returnAttempt(ctx, addressKey);
  return toMe(account);
}
