import "server-only";
import type { Tx } from "@/lib/db/client";
import { withTransaction } from "@/lib/db/transaction";
import { writeAudit } from "@/lib/engine/audit";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";
import { conflict, TwincoreError } from "@/lib/errors";
import { ownAccountId } from "../own";
import { takeAttempt } from "../throttle";
import { verifyOwner } from "../verify-owner";
import { hashOf, isAuthenticatorCode, makeKey, makeRecoveryCodes, plainOf, stepOf } from "./codes";
import type {
  BeginSecondFactorInput,
  ConfirmSecondFactorInput,
  OwnerProof,
  RecoveryCodes,
  SecondFactorKey,
} from "./schemas";

const FREE_CODES = 10;

/**
 * The key for an authenticator of the caller; it counts when a code of it was given (`confirmSecondFactor`). Begun again, the earlier key
 * is forgotten. Throws unauthenticated for a wrong password, too_many_requests, conflict when there is a second factor already.
 */
export async function beginSecondFactor(ctx: EngineContext, input: BeginSecondFactorInput): Promise<SecondFactorKey> {
  const id = ownAccountId(ctx);
  await verifyOwner(ctx, { accountId: id, password: input.password });
  return withTransaction(ctx.db, async (tx) => {
    const core = await tx.core.findFirst({ select: { name: true } });
    const { email } = await tx.account.findUniqueOrThrow({ where: { id }, select: { email: true } });
    const { key, uri, sealed } = makeKey(ctx.secret, { id, email }, `Twincore ${core?.name ?? ""}`.trim());
    const begun = await tx.account.updateMany({ where: { id, totpEnabledAt: null }, data: { totpKey: sealed } });
    if (begun.count === 0) throw conflict("Your account has a second factor. Turn it off to set up another one.");
    return { key, uri };
  });
}

/** Switches the second factor on: a code shows that the authenticator has the key. Answers the recovery codes, this once. */
export async function confirmSecondFactor(ctx: EngineContext, input: ConfirmSecondFactorInput): Promise<RecoveryCodes> {
  const id = ownAccountId(ctx);
  await takeAttempt(ctx, `second-factor-set-up:${id}`, FREE_CODES);
  return withTransaction(ctx.db, async (tx) => {
    const account = await tx.account.findUniqueOrThrow({
      where: { id },
      select: { totpKey: true, totpEnabledAt: true },
    });
    if (account.totpEnabledAt || !account.totpKey)
      throw conflict("There is nothing to confirm: begin again to set up a second factor.");
    const plain = plainOf(input.code);
    const step = isAuthenticatorCode(plain) ? stepOf(ctx.secret, id, account.totpKey, plain, ctx.now()) : null;
    if (step === null)
      throw new TwincoreError(
        "unauthenticated",
        "This code is not one of the key above. Does the clock of your phone go right?",
        { detail: "second-factor-wrong" },
      );
    const switched = await tx.account.updateMany({
      where: { id, totpEnabledAt: null, totpKey: account.totpKey },
      data: { totpEnabledAt: ctx.now(), totpStep: step },
    });
    if (switched.count === 0) throw conflict("Another page has just begun or ended the same. Begin again.");
    await writeAudit(tx, ctx, "second-factor.enable", id);
    await emitEvent(tx, "account", id);
    return replaceRecoveryCodes(tx, ctx, id);
  });
}

/** New recovery codes; the earlier ones are worth nothing from then on. */
export async function renewRecoveryCodes(ctx: EngineContext, proof: OwnerProof): Promise<RecoveryCodes> {
  const id = ownAccountId(ctx);
  await verifyOwner(ctx, { accountId: id, ...proof });
  return withTransaction(ctx.db, async (tx) => {
    const { totpEnabledAt } = await tx.account.findUniqueOrThrow({ where: { id }, select: { totpEnabledAt: true } });
    if (!totpEnabledAt) throw conflict("Your account has no second factor, so it needs no recovery codes.");
    await writeAudit(tx, ctx, "recovery-code.renew", id);
    await emitEvent(tx, "account", id);
    return replaceRecoveryCodes(tx, ctx, id);
  });
}

async function replaceRecoveryCodes(tx: Tx, ctx: EngineContext, accountId: string): Promise<RecoveryCodes> {
  const codes = makeRecoveryCodes();
  await tx.recoveryCode.deleteMany({ where: { accountId } });
  const createdAt = ctx.now();
  await tx.recoveryCode.createMany({ data: codes.map((code) => ({ accountId, hash: hashOf(code), createdAt })) });
  return { codes };
}
