import "server-only";
import { randomBytes } from "node:crypto";
import type { Tx } from "@/lib/db/client";
import { withTransaction } from "@/lib/db/transaction";
import { IDENTITY, toMe } from "@/lib/engine/accounts/identity";
import type { Me } from "@/lib/engine/accounts/schemas";
import { writeAudit } from "@/lib/engine/audit";
import type { EngineContext } from "@/lib/engine/context";
import type { DoorName } from "@/lib/engine/doors/schemas";
import { sha256 } from "@/lib/engine/trust";
import { TwincoreError } from "@/lib/errors";
import { findVendorSignIn } from "./find";
import { verifyVendorPassword } from "./password";

const SECRET_BYTES = 32;
/** A script that signs in each minute for a day and never signs out; the oldest end for newer ones. */
const SIGN_INS_MAX = 1_500;

interface Life {
  /** From now on. */
  readonly lifeSeconds: number;
  /** Unused for so long it ends; absent: only its life ends it. */
  readonly idleSeconds?: number;
  /** Gives a second secret: one that has to come beside the first ("paired"), or one that renews for so many seconds. */
  readonly second?: "paired" | { readonly renewableSeconds: number };
}

export interface OpenVendorSignInInput extends Life {
  readonly door: DoorName;
  readonly email: string;
  /** Or an API token of the account. */
  readonly password: string;
  /** The tenant that it is for; absent: everything its account may. */
  readonly scope?: string;
  readonly address: string;
}

export interface OpenedVendorSignIn {
  readonly id: string;
  readonly account: Me;
  /** Told this once; only its hash is kept. */
  readonly token: string;
  /** The second secret, if one was asked for. */
  readonly second: string | null;
  readonly issuedAt: Date;
  readonly expiresAt: Date;
}

/** Signs a client in with a name and a password. Throws unauthenticated (also for a tenant that is not the account's), too_many_requests. */
export async function openVendorSignIn(ctx: EngineContext, input: OpenVendorSignInInput): Promise<OpenedVendorSignIn> {
  const { email, password, address } = input;
  const { account, credential } = await verifyVendorPassword(ctx, { email, password, address });
  assertTenant(account, input.scope);
  const apiTokenId = credential.kind === "api-token" ? credential.id : null;
  return withTransaction(ctx.db, async (tx) => {
    const opened = await insert(tx, ctx, account, { ...input, apiTokenId, provenAt: credential.provenAt });
    await endOldest(tx, ctx, account, input.door);
    const by: EngineContext = { ...ctx, actor: actorOf(account, input.door) };
    await writeAudit(tx, by, "vendor-sign-in.create", account.accountId, {
      door: input.door,
      address: address.slice(0, 64),
    });
    return opened;
  });
}

/**
 * A new token for the second secret of an earlier sign-in, which then is spent: the same one twice, side by side, works once. Throws
 * unauthenticated when it is unknown, spent, too old, or its account is disabled.
 */
export async function renewVendorSignIn(
  ctx: EngineContext,
  input: Life & { readonly door: DoorName; readonly refreshToken: string; readonly address: string },
): Promise<OpenedVendorSignIn> {
  const secondHash = sha256(Buffer.from(input.refreshToken));
  return withTransaction(ctx.db, async (tx) => {
    const now = ctx.now();
    const spent = await tx.vendorSignIn.updateManyAndReturn({
      where: { secondHash, door: input.door, endedAt: null, renewableUntil: { gt: now } },
      data: { endedAt: now },
      select: {
        accountId: true,
        apiTokenId: true,
        provenAt: true,
        apiToken: { select: { revokedAt: true, expiresAt: true } },
      },
    });
    const [row] = spent;
    const account = row && (await tx.account.findUnique({ where: { id: row.accountId }, select: IDENTITY }));
    const { apiToken } = row ?? {};
    const tokenEnded = apiToken && (apiToken.revokedAt || (apiToken.expiresAt && apiToken.expiresAt <= now));
    if (!account || account.disabledAt || tokenEnded)
      throw new TwincoreError("unauthenticated", "This refresh token is unknown, used or too old. Sign in again.");
    return insert(tx, ctx, toMe(account), { ...input, apiTokenId: row.apiTokenId, provenAt: row.provenAt });
  });
}

/**
 * A token of its own for who holds one already, for another scope say. It ends when the first would have ended. Throws unauthenticated, also
 * for an API token that has no end: that one needs no exchange.
 */
export async function exchangeVendorSignIn(
  ctx: EngineContext,
  input: { readonly door: DoorName; readonly token: string; readonly scope?: string; readonly address: string },
): Promise<OpenedVendorSignIn> {
  const found = await findVendorSignIn(ctx, input);
  if (!found?.expiresAt) throw new TwincoreError("unauthenticated", "This token is unknown or too old. Sign in again.");
  assertTenant(found.account, input.scope);
  const { apiTokenId, credential } = found;
  const lifeSeconds = Math.max(1, Math.floor((found.expiresAt.getTime() - ctx.now().getTime()) / 1000));
  return withTransaction(ctx.db, async (tx) => {
    const opened = await insert(tx, ctx, found.account, {
      ...input,
      lifeSeconds,
      apiTokenId,
      provenAt: credential.provenAt,
    });
    await endOldest(tx, ctx, found.account, input.door);
    return opened;
  });
}

/** What one may not know of is as wrong as what does not exist. */
function assertTenant({ tenantIds }: Me, scope: string | undefined): void {
  if (scope !== undefined && tenantIds !== null && !tenantIds.includes(scope))
    throw new TwincoreError("unauthenticated", "There is no such user, password or project.");
}

async function insert(
  tx: Tx,
  ctx: EngineContext,
  account: Me,
  {
    door,
    address,
    scope,
    lifeSeconds,
    idleSeconds,
    second,
    apiTokenId,
    provenAt,
  }: Life & { door: DoorName; address: string; scope?: string; apiTokenId: string | null; provenAt: Date | null },
): Promise<OpenedVendorSignIn> {
  const now = ctx.now();
  const later = (seconds: number) => new Date(now.getTime() + seconds * 1000);
  const token = randomBytes(SECRET_BYTES).toString("base64url");
  const secondSecret = second === undefined ? null : randomBytes(SECRET_BYTES).toString("base64url");
  const { id, expiresAt } = await tx.vendorSignIn.create({
    data: {
      door,
      accountId: account.accountId,
      apiTokenId,
      hash: sha256(Buffer.from(token)),
      secondHash: secondSecret === null ? null : sha256(Buffer.from(secondSecret)),
      scope: scope ?? null,
      address: address.slice(0, 64),
      createdAt: now,
      provenAt,
      lastUsedAt: now,
      expiresAt: later(lifeSeconds),
      idleSeconds: idleSeconds ?? null,
      renewableUntil: typeof second === "object" ? later(second.renewableSeconds) : null,
    },
  });
  return { id, account, token, second: secondSecret, issuedAt: now, expiresAt };
}

async function endOldest(tx: Tx, ctx: EngineContext, { accountId }: Me, door: DoorName): Promise<void> {
  await tx.$executeRaw`
    update vendor_sign_in set ended_at = ${ctx.now()} where id in (
      select id from vendor_sign_in where account_id = ${accountId}::uuid and door = ${door} and ended_at is null
      order by created_at desc, id desc offset ${SIGN_INS_MAX})`;
}

const actorOf = ({ accountId, email, role }: Me, door: DoorName) =>
  ({ kind: "account", accountId, name: email, role, door }) as const;
