import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { readSetting } from "@/lib/engine/settings";
import { ownAccountId } from "../own";
import type { SecondFactor } from "./schemas";

/** How the caller's own second factor stands. */
export async function getSecondFactor(ctx: EngineContext, _input: object): Promise<SecondFactor> {
  const id = ownAccountId(ctx);
  const [account, recoveryCodesLeft, rules] = await Promise.all([
    ctx.db.prisma.account.findUniqueOrThrow({
      where: { id },
      select: { role: true, totpEnabledAt: true, passwordHash: true },
    }),
    ctx.db.prisma.recoveryCode.count({ where: { accountId: id, usedAt: null } }),
    readSetting(ctx.db.prisma, "signIn"),
  ]);
  return {
    enabledAt: account.totpEnabledAt?.toISOString() ?? null,
    recoveryCodesLeft: account.totpEnabledAt ? recoveryCodesLeft : 0,
    isRequired: rules.secondFactorRoles.includes(account.role),
    hasPassword: account.passwordHash !== null,
  };
}
