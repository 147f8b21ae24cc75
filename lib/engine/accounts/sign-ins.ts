import "server-only";
import { withTransaction } from "@/lib/db/transaction";
import { writeAudit } from "@/lib/engine/audit";
import type { EngineContext } from "@/lib/engine/context";
import { Id } from "@/lib/engine/schemas";
import { IDENTITY, type Identified, toMe } from "./identity";
import { forgetOldAttempts } from "./throttle";

const HOUR_MS = 3600_000;
const IDLE_MS = 12 * HOUR_MS;
const ABSOLUTE_MS = 7 * 24 * HOUR_MS;
/** Every request asks for the sign-in; writing each time would make every read a write. */
const TOUCH_MS = 60_000;
/** Ended sign-ins are kept this long for whoever looks into an incident. */
const KEPT_MS = 30 * 24 * HOUR_MS;

/** Opens a sign-in for an account whose password was just verified. */
export function createSignIn(
  ctx: EngineContext,
  input: { accountId: string; address: string; userAgent: string },
): Promise<{ id: string; expiresAt: Date }> {
  const now = ctx.now();
  return withTransaction(ctx.db, async (tx) => {
    const { id, expiresAt } = await tx.signIn.create({
      data: {
        accountId: input.accountId,
        address: input.address.slice(0, 64),
        userAgent: input.userAgent.slice(0, 300),
        createdAt: now,
        lastSeenAt: now,
        expiresAt: new Date(now.getTime() + ABSOLUTE_MS),
      },
    });
    await writeAudit(tx, ctx, "sign-in.create", input.accountId, { address: input.address.slice(0, 64) });
    return { id, expiresAt };
  });
}

/** Who this sign-in is, or null: ended, expired, idle for too long, or its account disabled. */
export async function getSignIn(ctx: EngineContext, input: { id: string }): Promise<Identified | null> {
  if (!Id.safeParse(input.id).success) return null;
  const now = ctx.now();
  const row = await ctx.db.prisma.signIn.findUnique({
    where: { id: input.id },
    select: { endedAt: true, expiresAt: true, lastSeenAt: true, provenAt: true, account: { select: IDENTITY } },
  });
  if (!row || row.endedAt || row.account.disabledAt || row.expiresAt <= now) return null;
  if (row.lastSeenAt.getTime() + IDLE_MS <= now.getTime()) return null;
  if (row.lastSeenAt.getTime() + TOUCH_MS <= now.getTime())
    await ctx.db.prisma.signIn.updateMany({ where: { id: input.id }, data: { lastSeenAt: now } });
  const credential = { kind: "browser", id: input.id, provenAt: row.provenAt, scopes: null } as const;
  return { account: toMe(row.account), credential };
}

/** Ends a sign-in at once. Ending it twice is no error. */
export async function endSignIn(ctx: EngineContext, input: { id: string }): Promise<void> {
  if (!Id.safeParse(input.id).success) return;
  await ctx.db.prisma.signIn.updateMany({ where: { id: input.id, endedAt: null }, data: { endedAt: ctx.now() } });
}

/** Removes sign-ins and counters that nobody will ask for again. */
export async function sweepAccounts(ctx: EngineContext): Promise<void> {
  const before = new Date(ctx.now().getTime() - KEPT_MS);
  await ctx.db.prisma.signIn.deleteMany({
    where: { OR: [{ endedAt: { lt: before } }, { expiresAt: { lt: before } }] },
  });
  await forgetOldAttempts(ctx);
}
