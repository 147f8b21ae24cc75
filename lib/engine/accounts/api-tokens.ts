import "server-only";
import { randomBytes } from "node:crypto";
import { withTransaction } from "@/lib/db/transaction";
import { writeAudit } from "@/lib/engine/audit";
import type { AccountActor, EngineContext } from "@/lib/engine/context";
import { readIdCursor } from "@/lib/engine/id-cursor";
import { guardProtectedScope } from "@/lib/engine/protection/guard-scope";
import { sha256 } from "@/lib/engine/trust";
import { conflict, notFound, TwincoreError } from "@/lib/errors";
import { handOn } from "./handed-on";
import { IDENTITY, type Identified, toMe } from "./identity";
import type { ApiToken, CreateApiTokenInput } from "./schemas";

const TOKEN_BYTES = 32;
/** Found by secret scanners, and told apart from other people's tokens. */
const PREFIX = "tc_";
/** A script each, and an end to a loop that makes tokens. */
const TOKENS_MAX = 100;
const TOUCH_MS = 60_000;

/** A new bearer token of the caller; `token` is shown this once. Throws forbidden when a token asks for more than it has itself, conflict. */
export async function createApiToken(
  ctx: EngineContext,
  input: CreateApiTokenInput,
): Promise<ApiToken & { token: string }> {
  const actor = actorOf(ctx);
  await guardProtectedScope(ctx, "api-token.create", input);
  const { accountId } = actor;
  const token = `${PREFIX}${randomBytes(TOKEN_BYTES).toString("base64url")}`;
  return withTransaction(ctx.db, async (tx) => {
    if ((await tx.apiToken.count({ where: { accountId, revokedAt: null } })) >= TOKENS_MAX)
      throw conflict(`You have ${TOKENS_MAX} tokens. Delete one that is no longer used.`);
    const { scopes, expiresAt } = await handOn(tx, ctx, actor, input);
    const hash = sha256(Buffer.from(token));
    const row = await tx.apiToken.create({
      data: { accountId, name: input.name, hash, createdAt: ctx.now(), expiresAt, scopes },
    });
    await writeAudit(tx, ctx, "token.create", row.id, { name: input.name, scopes });
    return { ...toApiToken(row), token };
  });
}

/** The caller's own tokens, newest first. */
export async function listApiTokens(
  ctx: EngineContext,
  input: { cursor?: string; limit: number },
): Promise<{ items: ApiToken[]; nextCursor: string | null; total: number }> {
  const where = { accountId: actorOf(ctx).accountId, revokedAt: null };
  const [rows, total] = await Promise.all([
    ctx.db.prisma.apiToken.findMany({
      where: { ...where, id: { lt: readIdCursor(input.cursor) } },
      orderBy: { id: "desc" },
      take: input.limit + 1,
    }),
    ctx.db.prisma.apiToken.count({ where }),
  ]);
  const items = rows.slice(0, input.limit).map(toApiToken);
  return { items, nextCursor: rows.length > input.limit ? (items.at(-1)?.id ?? null) : null, total };
}

/** Ends a token of the caller at once. Throws not_found. */
export function deleteApiToken(ctx: EngineContext, input: { id: string }): Promise<Record<string, never>> {
  return withTransaction(ctx.db, async (tx) => {
    const where = { id: input.id, accountId: actorOf(ctx).accountId, revokedAt: null };
    const revoked = await tx.apiToken.updateMany({ where, data: { revokedAt: ctx.now() } });
    if (revoked.count === 0) throw notFound("token");
    await writeAudit(tx, ctx, "token.delete", input.id);
    return {};
  });
}

/** Whose token this is, or null. */
export async function authenticateApiToken(ctx: EngineContext, input: { token: string }): Promise<Identified | null> {
  if (!input.token.startsWith(PREFIX)) return null;
  const now = ctx.now();
  const row = await ctx.db.prisma.apiToken.findUnique({
    where: { hash: sha256(Buffer.from(input.token)) },
    select: {
      id: true,
      expiresAt: true,
      revokedAt: true,
      lastUsedAt: true,
      scopes: true,
      account: { select: IDENTITY },
    },
  });
  if (!row || row.revokedAt || row.account.disabledAt || (row.expiresAt && row.expiresAt <= now)) return null;
  if (!row.lastUsedAt || row.lastUsedAt.getTime() + TOUCH_MS <= now.getTime())
    await ctx.db.prisma.apiToken.updateMany({
      where: { id: row.id },
      data: { lastUsedAt: now, lastUsedAddress: (ctx.address ?? "").slice(0, 64) },
    });
  const credential = { kind: "api-token", id: row.id, provenAt: null, scopes: row.scopes } as const;
  return { account: toMe(row.account), credential };
}

function actorOf(ctx: EngineContext): AccountActor {
  if (ctx.actor.kind !== "account") throw new TwincoreError("unauthenticated", "Only an account has tokens.");
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

const toApiToken = ({ id, name, createdAt, expiresAt, lastUsedAt, lastUsedAddress, scopes }: Row): ApiToken => ({
  id,
  name,
  createdAt: createdAt.toISOString(),
  expiresAt: expiresAt?.toISOString() ?? null,
  lastUsedAt: lastUsedAt?.toISOString() ?? null,
  lastUsedAddress,
  scopes,
});
