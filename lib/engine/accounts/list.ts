import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { readIdCursor } from "@/lib/engine/id-cursor";
import { notFound } from "@/lib/errors";
import { inState, REPORT, toAccountReport } from "./internal";
import { openSignIns } from "./list-sign-ins";
import type { AccountDetail, AccountReport, CredentialReport, ListAccountsInput } from "./schemas";

/** As many as createApiToken and createAccessKey let one account have, together. */
const CREDENTIALS_MAX = 120;

/** A page of the accounts of this core, the newest first. */
export async function listAccounts(
  ctx: EngineContext,
  { text, role, state, cursor, limit }: ListAccountsInput,
): Promise<{ items: AccountReport[]; nextCursor: string | null; total: number }> {
  // To Postgres these are wildcards; people mean the letters.
  const contains = { contains: text?.replace(/[\\%_]/g, "\\$&"), mode: "insensitive" } as const;
  const found = text ? { OR: [{ name: contains }, { email: contains }] } : {};
  const where = { AND: [inState(state), found], role };
  const [rows, total] = await Promise.all([
    ctx.db.prisma.account.findMany({
      where: { AND: [where, { id: { lt: readIdCursor(cursor) } }] },
      select: REPORT,
      orderBy: { id: "desc" },
      take: limit + 1,
    }),
    ctx.db.prisma.account.count({ where }),
  ]);
  const items = rows.slice(0, limit).map(toAccountReport);
  return { items, nextCursor: rows.length > limit ? (items.at(-1)?.id ?? null) : null, total };
}

/** One account with all that it can be reached by. Throws not_found. */
export async function getAccount(ctx: EngineContext, { id }: { id: string }): Promise<AccountDetail> {
  const now = ctx.now();
  const { prisma } = ctx.db;
  const [row, link, signIns, vendorSignIns, credentials] = await Promise.all([
    prisma.account.findUnique({ where: { id }, select: { ...REPORT, passwordChangedAt: true } }),
    prisma.accountLink.findFirst({
      where: { accountId: id, usedAt: null, expiresAt: { gt: now } },
      orderBy: { expiresAt: "desc" },
      select: { expiresAt: true },
    }),
    prisma.signIn.count({ where: { ...openSignIns(now), accountId: id } }),
    prisma.vendorSignIn.count({ where: { accountId: id, endedAt: null, expiresAt: { gt: now } } }),
    listCredentials(ctx, id),
  ]);
  if (!row) throw notFound("account");
  return {
    ...toAccountReport(row),
    hasPassword: row.passwordHash !== null,
    passwordChangedAt: row.passwordChangedAt?.toISOString() ?? null,
    secondFactorAt: row.totpEnabledAt?.toISOString() ?? null,
    disabledAt: row.disabledAt?.toISOString() ?? null,
    linkExpiresAt: link?.expiresAt.toISOString() ?? null,
    signIns,
    vendorSignIns,
    credentials,
  };
}

async function listCredentials(ctx: EngineContext, accountId: string): Promise<CredentialReport[]> {
  const unended = { OR: [{ expiresAt: null }, { expiresAt: { gt: ctx.now() } }] };
  const query = {
    where: { accountId, revokedAt: null, ...unended },
    select: { id: true, name: true, lastUsedAt: true, expiresAt: true },
    orderBy: { createdAt: "desc" },
    take: CREDENTIALS_MAX,
  } as const;
  const [tokens, keys] = await Promise.all([
    ctx.db.prisma.apiToken.findMany(query),
    ctx.db.prisma.accessKey.findMany(query),
  ]);
  return [
    ...tokens.map((row) => toCredential("api-token", row)),
    ...keys.map((row) => toCredential("access-key", row)),
  ];
}

function toCredential(
  kind: CredentialReport["kind"],
  { id, name, lastUsedAt, expiresAt }: { id: string; name: string; lastUsedAt: Date | null; expiresAt: Date | null },
): CredentialReport {
  return {
    kind,
    id,
    name,
    lastUsedAt: lastUsedAt?.toISOString() ?? null,
    expiresAt: expiresAt?.toISOString() ?? null,
  };
}
