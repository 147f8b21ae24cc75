import "server-only";
import { randomBytes, randomInt } from "node:crypto";
import { withTransaction } from "@/lib/db/transaction";
import { IDENTITY, type Identified, toMe } from "@/lib/engine/accounts/identity";
import { writeAudit } from "@/lib/engine/audit";
import type { EngineContext } from "@/lib/engine/context";
import { seal, unseal } from "@/lib/engine/trust";
import { conflict, notFound, TwincoreError } from "@/lib/errors";
import type { AccessKey, CreateAccessKeyInput } from "./schemas";

const ID_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
const ID_LENGTH = 20;
const SECRET_BYTES = 30;
const KEYS_MAX = 20;
const DAY_MS = 24 * 3600_000;
const TOUCH_MS = 60_000;

const sealedName = (id: string) => `access-key:${id}`;

/** A new access key of the caller; `secret` is shown this once. Throws conflict beyond 20 keys. */
export function createAccessKey(
  ctx: EngineContext,
  { name, expiresInDays }: CreateAccessKeyInput,
): Promise<AccessKey & { secret: string }> {
  const accountId = accountOf(ctx);
  const now = ctx.now();
  const id = Array.from({ length: ID_LENGTH }, () => ID_LETTERS[randomInt(ID_LETTERS.length)]).join("");
  const secret = randomBytes(SECRET_BYTES).toString("base64url");
  const expiresAt = expiresInDays === null ? null : new Date(now.getTime() + expiresInDays * DAY_MS);
  return withTransaction(ctx.db, async (tx) => {
    if ((await tx.accessKey.count({ where: { accountId, revokedAt: null } })) >= KEYS_MAX)
      throw conflict(`You have ${KEYS_MAX} access keys. Delete one that is no longer used.`);
    const sealedSecret = seal(ctx.secret, sealedName(id), Buffer.from(secret));
    const row = await tx.accessKey.create({ data: { id, accountId, name, sealedSecret, createdAt: now, expiresAt } });
    await writeAudit(tx, ctx, "access-key.create", id, { name });
    return { ...toAccessKey(row), secret };
  });
}

/** The caller's own keys, newest first; there are 20 at most. */
export async function listAccessKeys(ctx: EngineContext): Promise<{ items: AccessKey[] }> {
  const rows = await ctx.db.prisma.accessKey.findMany({
    where: { accountId: accountOf(ctx), revokedAt: null },
    orderBy: [{ createdAt: "desc" }, { id: "asc" }],
    take: KEYS_MAX,
  });
  return { items: rows.map(toAccessKey) };
}

/** Ends a key of the caller at once. Throws not_found. */
export function deleteAccessKey(ctx: EngineContext, { id }: { id: string }): Promise<Record<string, never>> {
  return withTransaction(ctx.db, async (tx) => {
    const where = { id, accountId: accountOf(ctx), revokedAt: null };
    const revoked = await tx.accessKey.updateMany({ where, data: { revokedAt: ctx.now() } });
    if (revoked.count === 0) throw notFound("access key");
    await writeAudit(tx, ctx, "access-key.delete", id);
    return {};
  });
}

/** The secret that belongs to a key, and whose it is; null: unknown, ended, expired, or its account disabled. For checking signatures only. */
export async function findAccessKey(
  ctx: EngineContext,
  { id }: { id: string },
): Promise<(Identified & { secret: string }) | null> {
  const now = ctx.now();
  const row = await ctx.db.prisma.accessKey.findUnique({
    where: { id },
    include: { account: { select: IDENTITY } },
  });
  if (!row || row.revokedAt || row.account.disabledAt || (row.expiresAt && row.expiresAt <= now)) return null;
  if (!row.lastUsedAt || row.lastUsedAt.getTime() + TOUCH_MS <= now.getTime())
    await ctx.db.prisma.accessKey.updateMany({ where: { id }, data: { lastUsedAt: now } });
  const secret = unseal(ctx.secret, sealedName(id), row.sealedSecret).toString("utf8");
  const credential = { kind: "access-key", id, provenAt: null, scopes: row.scopes } as const;
  return { secret, account: toMe(row.account), credential };
}

function accountOf(ctx: EngineContext): string {
  if (ctx.actor.kind !== "account") throw new TwincoreError("unauthenticated", "Only an account has access keys.");
  return ctx.actor.accountId;
}

interface Row {
  id: string;
  name: string;
  createdAt: Date;
  expiresAt: Date | null;
  lastUsedAt: Date | null;
}

const toAccessKey = ({ id, name, createdAt, expiresAt, lastUsedAt }: Row): AccessKey => ({
  id,
  name,
  createdAt: createdAt.toISOString(),
  expiresAt: expiresAt?.toISOString() ?? null,
  lastUsedAt: lastUsedAt?.toISOString() ?? null,
});
