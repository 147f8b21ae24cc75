import "server-only";
import { refused } from "@/lib/engine/audit";
import type { EngineContext } from "@/lib/engine/context";
import { TwincoreError } from "@/lib/errors";
import { IDENTITY, type IdentityRow, toMe } from "./identity";
import { isPassword } from "./password";
import type { Me, SignInWay, VerifySignInInput } from "./schemas";
import { verifySecondFactor } from "./second-factor/verify";
import { clearAttempts, returnAttempt, takeAttempt } from "./throttle";

/** A person who mistypes gets through; a guesser gets ten a quarter of an hour at most. */
const FREE_PER_ACCOUNT = 5;
/** An office behind one address signs in every morning. */
const FREE_PER_ADDRESS = 50;

/** Somebody who is made to wait, once in the time for which attempts are counted. */
const REFUSED_THROTTLED = {
  action: "sign-in.create",
  reason: "Too many attempts: made to wait.",
  isNobody: true,
  windowSeconds: 15 * 60,
} as const;

export interface VerifyPasswordInput {
  email: string;
  password: string;
  /** Where the attempt comes from. */
  address: string;
}

/**
 * The account whose password this is, for clients that have nothing else to give. Throws unauthenticated, the same and as slowly for an
 * unknown account; too_many_requests; and unauthenticated with the detail "second-factor-needed" when the account has a second factor: a
 * password alone does not open it, through no door.
 */
export async function verifyPassword(ctx: EngineContext, input: VerifyPasswordInput): Promise<Me> {
  const account = await checkPassword(ctx, input);
  if (account.totpEnabledAt) throw secondFactorNeeded();
  return toMe(account);
}

/** The same for people: password, and a code where the account has a second factor. `way` says what was given. */
export async function verifySignIn(
  ctx: EngineContext,
  input: VerifySignInInput & { address: string },
): Promise<{ account: Me; way: SignInWay }> {
  const account = await checkPassword(ctx, input);
  if (!account.totpEnabledAt) return { account: toMe(account), way: "password" };
  if (input.code === undefined) throw secondFactorNeeded();
  try {
    await verifySecondFactor(ctx, { accountId: account.id, code: input.code });
  } catch (error) {
    throw await refusedCode({ ...ctx, address: input.address }, account.email, error);
  }
  return { account: toMe(account), way: "second_factor" };
}

async function checkPassword(
  ctx: EngineContext,
  input: VerifyPasswordInput,
): Promise<IdentityRow & { totpEnabledAt: Date | null }> {
  const email = input.email.trim().toLowerCase().slice(0, 254);
  const from = { ...ctx, address: input.address };
  const addressKey = `sign-in-address:${input.address.slice(0, 64)}`;
  try {
    await takeAttempt(ctx, addressKey, FREE_PER_ADDRESS);
    await takeAttempt(ctx, `sign-in:${email}`, FREE_PER_ACCOUNT);
  } catch (error) {
    throw error instanceof TwincoreError ? await refused(from, error, { ...REFUSED_THROTTLED, subject: email }) : error;
  }
  const account = await ctx.db.prisma.account.findUnique({
    where: { email },
    select: { ...IDENTITY, passwordHash: true, totpEnabledAt: true },
  });
  const right = await isPassword(account && !account.disabledAt ? account.passwordHash : null, input.password);
  if (!account || !right) {
    ctx.log.warn({ address: input.address, requestId: ctx.requestId }, "a sign-in was refused");
    const wrong = new TwincoreError("unauthenticated", "The e-mail address or the password is wrong.");
    throw await refused(from, wrong, { action: "sign-in.create", subject: email, isNobody: true });
  }
  await clearAttempts(ctx, `sign-in:${email}`);
  await returnAttempt(ctx, addressKey);
  return account;
}

async function refusedCode(ctx: EngineContext, email: string, error: unknown): Promise<unknown> {
  if (!(error instanceof TwincoreError)) return error;
  const refusal = { action: "sign-in.create", subject: email, isNobody: true };
  return refused(ctx, error, error.code === "too_many_requests" ? { ...REFUSED_THROTTLED, ...refusal } : refusal);
}

const secondFactorNeeded = () =>
  new TwincoreError(
    "unauthenticated",
    "This account has a second factor: give a code of your authenticator, too. Where none can be given, use an API token of the account in place of the password.",
    { detail: "second-factor-needed" },
  );
