import "server-only";
import { randomBytes, randomInt } from "node:crypto";
import { withTransaction } from "@/lib/db/transaction";
import { handOn } from "@/lib/engine/accounts/handed-on";
import { IDENTITY, type Identified, toMe } from "@/lib/engine/accounts/identity";
import { writeAudit } from "@/lib/engine/audit";
import type { AccountActor, EngineContext } from "@/lib/engine/context";
import { guardProtectedScope } from "@/lib/engine/protection/guard-scope";
import { seal, unseal } from "@/lib/engine/trust";
import { conflict, notFound, TwincoreError } from "@/lib/errors";
import type { AccessKey, CreateAccessKeyInput } from "./schemas";

const ID_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
const ID_LENGTH = 20;
const SECRET_BYTES = 30;
const KEYS_MAX = 20;
const TOUCH_MS = 60_000;

const sealedName = (id: string) => `access-key:${id}`;

/** A new access key of the caller; `secret` is shown this once. Throws conflict beyond 20 keys, forbidden when a token asks for more than it has. */
export async function createAccessKey(
  ctx: EngineContext,
  input: CreateAccessKeyInput,
): Promise<AccessKey & { secret: string }> {
  const actor = actorOf(ctx);
  await guardProtectedScope(ctx, "access-key.create", input);
  const { accountId } = actor;
  const { name } = input;
  const id = Array.from({ length: ID_LENGTH }, () => ID_LETTERS[randomInt(ID_LETTERS.length)]).join("");
  const secret = randomBytes(SECRET_BYTES).toString("base64url");
  return withTransaction(ctx.db, async (tx) => {
    if ((await tx.accessKey.count({ where: { accountId, revokedAt: null } })) >= KEYS_MAX)
      throw conflict(`You have ${KEYS_MAX} access keys. Delete one that is no longer used.`);
    const sealedSecret = seal(ctx.secret, sealedName(id), Buffer.from(secret));
    const { scopes, expiresAt } = await handOn(tx, ctx, actor, input);
    const row = await tx.accessKey.create({
      data: { id, accountId, name, sealedSecret, createdAt: ctx.now(), expiresAt, scopes },
    });
    await writeAudit(tx, ctx, "access-key.create", id, { name, scopes });
    return { ...toAccessKey(row), secret };
  });
}

/** The caller's own keys, newest first; there are 20 at most. */
export async function listAccessKeys(ctx: EngineContext): Promise<{ items: AccessKey[] }> {
  const rows = await ctx.db.prisma.accessKey.findMany({
    where: { accountId: actorOf(ctx).accountId, revokedAt: null },
    orderBy: [{ createdAt: "desc" }, { id: "asc" }],
    take: KEYS_MAX,
  });
  return { items: rows.map(toAccessKey) };
}

/** Ends a key of the caller at once. Throws not_found. */
export function deleteAccessKey(ctx: EngineContext, { id }: { id: string }): Promise<Record<string, never>> {
  return withTransaction(ctx.db, async (tx) => {
    const where = { id, accountId: actorOf(ctx).accountId, revokedAt: null };
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
    await ctx.db.prisma.accessKey.updateMany({
      where: { id },
      data: { lastUsedAt: now, lastUsedAddress: (ctx.address ?? "").slice(0, 64) },
    });
  const secret = unseal(ctx.secret, sealedName(id), row.sealedSecret).toString("utf8");
  const credential = { kind: "access-key", id, provenAt: null, scopes: row.scopes } as const;
  return { secret, account: toMe(row.account), credential };
}

function actorOf(ctx: EngineContext): AccountActor {
  if (ctx.actor.kind !== "account") throw new TwincoreError("unauthenticated", "Only an account has access keys.");
  return ctx.actor;
}

interface Row {
  id: string;
  name: string;
  createdAt: Date;
  expiresAt: Date | null;
  lastUsedAt: Date | null;
  lastUsedAddress: string;
  scopes: string[];
}

const toAccessKey = ({ id, name, createdAt, expiresAt, lastUsedAt, lastUsedAddress, scopes }: Row): AccessKey => ({
  id,
  name,
  createdAt: createdAt.toISOString(),
  expiresAt: expiresAt?.toISOString() ?? null,
  lastUsedAt: lastUsedAt?.toISOString() ?? null,
  lastUsedAddress,
  scopes,
});
