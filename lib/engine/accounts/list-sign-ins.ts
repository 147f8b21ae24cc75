import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { readIdCursor } from "@/lib/engine/id-cursor";
import type { Prisma } from "@/prisma/generated/client";
import { ownAccountId } from "./own";
import type { ListSignInsInput, SignInReport } from "./schemas";
import { IDLE_MS } from "./sign-ins";

interface SignInPage {
  items: SignInReport[];
  nextCursor: string | null;
  total: number;
}

/** The browsers that are signed in just now, of all accounts or of one, newest first. */
export function listSignIns(ctx: EngineContext, input: ListSignInsInput): Promise<SignInPage> {
  return listPage(ctx, input, { accountId: input.accountId });
}

/** The caller's own. */
export function listOwnSignIns(ctx: EngineContext, input: Omit<ListSignInsInput, "accountId">): Promise<SignInPage> {
  return listPage(ctx, input, { accountId: ownAccountId(ctx) });
}

/** Those that count now. */
export function openSignIns(now: Date) {
  return {
    endedAt: null,
    expiresAt: { gt: now },
    lastSeenAt: { gt: new Date(now.getTime() - IDLE_MS) },
    account: { disabledAt: null },
  } satisfies Prisma.SignInWhereInput;
}

async function listPage(
  ctx: EngineContext,
  { cursor, limit }: { cursor?: string; limit: number },
  whose: Prisma.SignInWhereInput,
): Promise<SignInPage> {
  const where = { ...openSignIns(ctx.now()), ...whose };
  const [rows, total] = await Promise.all([
    ctx.db.prisma.signIn.findMany({
      where: { AND: [where, { id: { lt: readIdCursor(cursor) } }] },
      include: { account: { select: { id: true, name: true, email: true } } },
      orderBy: { id: "desc" },
      take: limit + 1,
    }),
    ctx.db.prisma.signIn.count({ where }),
  ]);
  const current = ctx.actor.kind === "account" ? ctx.actor.credential : undefined;
  const items = rows.slice(0, limit).map((row) => ({
    id: row.id,
    account: row.account,
    address: row.address,
    userAgent: row.userAgent,
    way: row.way,
    createdAt: row.createdAt.toISOString(),
    lastSeenAt: row.lastSeenAt.toISOString(),
    expiresAt: row.expiresAt.toISOString(),
    isCurrent: current?.kind === "browser" && current.id === row.id,
  }));
  return { items, nextCursor: rows.length > limit ? (items.at(-1)?.id ?? null) : null, total };
}
