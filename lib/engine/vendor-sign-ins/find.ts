import "server-only";
import { timingSafeEqual } from "node:crypto";
import { authenticateApiToken } from "@/lib/engine/accounts";
import { IDENTITY, toMe } from "@/lib/engine/accounts/identity";
import type { Me } from "@/lib/engine/accounts/schemas";
import type { Credential, EngineContext } from "@/lib/engine/context";
import type { DoorName } from "@/lib/engine/doors/schemas";
import { sha256 } from "@/lib/engine/trust";

/** Every request asks; writing each time would make every read a write. */
const TOUCH_MS = 30_000;

export interface FoundVendorSignIn {
  /** null: the token is an API token. */
  readonly id: string | null;
  readonly account: Me;
  readonly credential: Credential;
  /** The API token that it is, or was opened with; null: a password opened it. */
  readonly apiTokenId: string | null;
  /** Did the second secret come with it, and is it the right one? Always true for API tokens. */
  readonly hasSecond: boolean;
  /** What it was opened for; null: everything its account may. */
  readonly scope: string | null;
  /** null: an API token, which has its own end. */
  readonly expiresAt: Date | null;
}

/**
 * Whose token this is, or null: unknown, ended, expired, unused for too long, of another door, or its account disabled. An API token of
 * the account does in the place of a sign-in's.
 */
export async function findVendorSignIn(
  ctx: EngineContext,
  input: { readonly door: DoorName; readonly token: string; readonly second?: string | null },
): Promise<FoundVendorSignIn | null> {
  const byToken = await authenticateApiToken(ctx, { token: input.token });
  if (byToken)
    return { id: null, ...byToken, apiTokenId: byToken.credential.id, hasSecond: true, scope: null, expiresAt: null };
  const now = ctx.now();
  const row = await ctx.db.prisma.vendorSignIn.findUnique({
    where: { hash: sha256(Buffer.from(input.token)) },
    include: {
      account: { select: IDENTITY },
      apiToken: { select: { scopes: true, revokedAt: true, expiresAt: true } },
    },
  });
  if (!row || row.door !== input.door || row.endedAt || row.expiresAt <= now || row.account.disabledAt) return null;
  const { apiToken } = row;
  if (apiToken && (apiToken.revokedAt || (apiToken.expiresAt && apiToken.expiresAt <= now))) return null;
  const idleMs = (row.idleSeconds ?? Number.POSITIVE_INFINITY) * 1000;
  if (row.lastUsedAt.getTime() + idleMs <= now.getTime()) return null;
  if (row.lastUsedAt.getTime() + Math.min(TOUCH_MS, idleMs / 10) <= now.getTime())
    await ctx.db.prisma.vendorSignIn.updateMany({ where: { id: row.id }, data: { lastUsedAt: now } });
  const hasSecond =
    row.secondHash !== null &&
    typeof input.second === "string" &&
    timingSafeEqual(row.secondHash, sha256(Buffer.from(input.second)));
  return {
    id: row.id,
    account: toMe(row.account),
    // A token that stood for the password says nothing of a person, and hands on no more than itself.
    credential: {
      kind: "vendor-sign-in",
      id: row.id,
      provenAt: apiToken ? null : row.provenAt,
      scopes: apiToken?.scopes ?? null,
    },
    apiTokenId: row.apiTokenId,
    hasSecond,
    scope: row.scope,
    expiresAt: row.expiresAt,
  };
}
