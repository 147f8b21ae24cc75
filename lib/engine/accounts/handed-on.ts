import "server-only";
import type { Tx } from "@/lib/db/client";
import type { AccountActor, EngineContext } from "@/lib/engine/context";
import { TwincoreError } from "@/lib/errors";
import { beyond, DEFAULT_LIFE_DAYS, DEFAULT_SCOPES, type Scope } from "./scopes";

const DAY_MS = 24 * 3600_000;

/** Of a token or key that is about to be made. */
export interface HandedOn {
  readonly scopes: Scope[];
  readonly expiresAt: Date | null;
}

/**
 * What a new token or key of this account may be: one that is made by another token can neither do more nor live longer than that one. Throws
 * forbidden.
 */
export async function handOn(
  tx: Tx,
  ctx: EngineContext,
  { credential }: AccountActor,
  asked: { readonly scopes?: readonly Scope[]; readonly expiresInDays?: number | null },
): Promise<HandedOn> {
  const { scopes = DEFAULT_SCOPES, expiresInDays = DEFAULT_LIFE_DAYS } = asked;
  const missing = beyond(credential?.scopes ?? null, scopes);
  if (missing.length > 0)
    throw new TwincoreError(
      "forbidden",
      `A token cannot make one that may do more than itself: it was not given out for ${missing.join(", ")}.`,
      { detail: "scope" },
    );
  const expiresAt = expiresInDays === null ? null : new Date(ctx.now().getTime() + expiresInDays * DAY_MS);
  const end = await endOf(tx, credential);
  return { scopes: [...scopes], expiresAt: end && (!expiresAt || end < expiresAt) ? end : expiresAt };
}

/** When what was shown ends for good; null: it does not, or a person is there. */
async function endOf(tx: Tx, credential: AccountActor["credential"]): Promise<Date | null> {
  if (!credential?.id) return null;
  const where = { where: { id: credential.id }, select: { expiresAt: true } } as const;
  if (credential.kind === "api-token") return (await tx.apiToken.findUnique(where))?.expiresAt ?? null;
  if (credential.kind === "access-key") return (await tx.accessKey.findUnique(where))?.expiresAt ?? null;
  return null;
}
