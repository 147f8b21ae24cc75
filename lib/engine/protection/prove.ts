import "server-only";
import { withTransaction } from "@/lib/db/transaction";
import { markProven, verifyOwner } from "@/lib/engine/accounts/verify-owner";
import { writeAudit } from "@/lib/engine/audit";
import type { AccountActor, EngineContext } from "@/lib/engine/context";
import { readSetting } from "@/lib/engine/settings";
import { conflict, TwincoreError } from "@/lib/errors";
import { proofEnd } from "./proof";
import type { Proof, ProveInput } from "./schemas";

/** How the caller can prove to be there, and until when the last proof counts. */
export async function getProof(ctx: EngineContext): Promise<Proof> {
  const actor = ownerOf(ctx);
  const settings = await readSetting(ctx.db.prisma, "protection");
  const provenAt = actor.credential?.provenAt ?? null;
  const end = proofEnd(actor, settings);
  return {
    ways: await waysOf(ctx, actor),
    provenAt: provenAt?.toISOString() ?? null,
    countsUntil: end && end > ctx.now() ? end.toISOString() : null,
  };
}

/**
 * The person before the browser proves to be the owner of its sign-in. Throws unauthenticated for a wrong password or code, too_many_requests,
 * and conflict for a credential that cannot be proven (a token), or an account that has neither: it signs in again.
 */
export async function prove(ctx: EngineContext, { password, code }: ProveInput): Promise<Proof> {
  const actor = ownerOf(ctx);
  const id = actor.credential?.kind === "browser" ? actor.credential.id : null;
  if (id === null)
    throw conflict(
      'Only a sign-in of a browser can be proven. Tokens need the scope "protected" instead.',
      "no-browser",
    );
  if ((await waysOf(ctx, actor)).length === 0)
    throw conflict(
      "Your account has neither a password nor a second factor here. Sign out, and sign in again at your identity provider: that is the proof.",
      "sign-in-again",
    );
  await verifyOwner(ctx, { password, code });
  const provenAt = ctx.now();
  await markProven(ctx, { signInId: id });
  await withTransaction(ctx.db, (tx) => writeAudit(tx, ctx, "sign-in.prove", id));
  const credential = { ...actor.credential, kind: "browser" as const, id, provenAt, scopes: null };
  return getProof({ ...ctx, actor: { ...actor, credential } });
}

async function waysOf(ctx: EngineContext, { accountId }: AccountActor): Promise<Proof["ways"]> {
  const account = await ctx.db.prisma.account.findUnique({
    where: { id: accountId },
    select: { passwordHash: true, totpEnabledAt: true },
  });
  return [
    ...(account?.passwordHash ? ["password" as const] : []),
    ...(account?.totpEnabledAt ? ["code" as const] : []),
  ];
}

function ownerOf({ actor }: EngineContext): AccountActor {
  if (actor.kind !== "account") throw new TwincoreError("unauthenticated", "Sign in first.");
  return actor;
}
