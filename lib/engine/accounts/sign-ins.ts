import "server-only";
import { withTransaction } from "@/lib/db/transaction";
import { writeAudit } from "@/lib/engine/audit";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";
import { Id } from "@/lib/engine/schemas";
import { readSetting } from "@/lib/engine/settings";
import { IDENTITY, type Identified, toActor, toMe } from "./identity";
import type { SignInWay } from "./schemas";
import { forgetOldAttempts } from "./throttle";

const HOUR_MS = 3600_000;
/** No page open for so long: a machine that was left. An open page asks, and so is a presence. */
export const IDLE_MS = 2 * HOUR_MS;
/** A working day; afterwards people sign in again, however busy. The cookie ends with it (lib/auth/options.ts). */
const ABSOLUTE_MS = 12 * HOUR_MS;
/** Every request asks for the sign-in; writing each time would make every read a write. */
const TOUCH_MS = 60_000;
/** Ended sign-ins are kept this long for whoever looks into an incident. */
const KEPT_MS = 30 * 24 * HOUR_MS;

export interface CreateSignInInput {
  accountId: string;
  address: string;
  userAgent: string;
  way?: SignInWay;
  /** When its owner proved to be there; absent: just now. */
  provenAt?: Date;
}

/** Opens a sign-in for an account that was just verified. */
export function createSignIn(ctx: EngineContext, input: CreateSignInInput): Promise<{ id: string; expiresAt: Date }> {
  const now = ctx.now();
  const address = input.address.slice(0, 64);
  const way = input.way ?? "password";
  return withTransaction(ctx.db, async (tx) => {
    const account = await tx.account.update({
      where: { id: input.accountId },
      data: { lastSignInAt: now },
      select: IDENTITY,
    });
    const { id, expiresAt, provenAt } = await tx.signIn.create({
      data: {
        accountId: input.accountId,
        address,
        userAgent: input.userAgent.slice(0, 300),
        way,
        createdAt: now,
        lastSeenAt: now,
        provenAt: input.provenAt ?? now,
        expiresAt: new Date(now.getTime() + ABSOLUTE_MS),
      },
    });
    const credential = { kind: "browser", id, provenAt, scopes: null } as const;
    const by = { ...ctx, address, actor: toActor({ account: toMe(account), credential }) };
    await writeAudit(tx, by, "sign-in.create", input.accountId, { address, way });
    await emitEvent(tx, "sign-in", id);
    return { id, expiresAt };
  });
}

/** Somebody who is signed in with a browser. */
export interface SignedIn extends Identified {
  /** The rules of this core ask for a second factor that the account has not: nothing but setting it up is allowed. */
  readonly mustEnrol: boolean;
}

/** Who this sign-in is, or null: ended, expired, idle for too long, or its account disabled. */
export async function getSignIn(ctx: EngineContext, input: { id: string }): Promise<SignedIn | null> {
  if (!Id.safeParse(input.id).success) return null;
  const now = ctx.now();
  const row = await ctx.db.prisma.signIn.findUnique({
    where: { id: input.id },
    select: {
      endedAt: true,
      expiresAt: true,
      lastSeenAt: true,
      provenAt: true,
      way: true,
      account: { select: { ...IDENTITY, totpEnabledAt: true } },
    },
  });
  if (!row || row.endedAt || row.account.disabledAt || row.expiresAt <= now) return null;
  if (row.lastSeenAt.getTime() + IDLE_MS <= now.getTime()) return null;
  if (row.lastSeenAt.getTime() + TOUCH_MS <= now.getTime())
    await ctx.db.prisma.signIn.updateMany({ where: { id: input.id }, data: { lastSeenAt: now } });
  const credential = { kind: "browser", id: input.id, provenAt: row.provenAt, scopes: null } as const;
  // Who came by the identity provider has the second factor that the provider asks for.
  const lacksSecond = row.way !== "identity" && row.account.totpEnabledAt === null;
  const mustEnrol = lacksSecond && (await isSecondFactorRequired(ctx, row.account.role));
  return { account: toMe(row.account), credential, mustEnrol };
}

async function isSecondFactorRequired(ctx: EngineContext, role: string): Promise<boolean> {
  return (await readSetting(ctx.db.prisma, "signIn")).secondFactorRoles.some((one) => one === role);
}

/** Removes sign-ins and counters that nobody will ask for again. */
export async function sweepAccounts(ctx: EngineContext): Promise<void> {
  const before = new Date(ctx.now().getTime() - KEPT_MS);
  await ctx.db.prisma.signIn.deleteMany({
    where: { OR: [{ endedAt: { lt: before } }, { expiresAt: { lt: before } }] },
  });
  await ctx.db.prisma.accountLink.deleteMany({ where: { expiresAt: { lt: before } } });
  await forgetOldAttempts(ctx);
}
