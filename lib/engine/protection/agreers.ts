import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { PROTECTION_RULES, type ProtectionRule } from "./actions";

const NOBODY = "00000000-0000-0000-0000-000000000000";

/**
 * How many accounts could be the second person, beside one. Asked of a function of the database: who is bound to tenants may know the number, and no
 * account.
 */
export async function countAgreers(
  ctx: Pick<EngineContext, "db">,
  { rule, except, tenantId }: { rule: ProtectionRule; except: string | null; tenantId: string | null },
): Promise<number> {
  const roles = [...PROTECTION_RULES[rule].agreers];
  const [row] = await ctx.db.prisma.$queryRaw<{ agreers: number }[]>`
    select count_agreers(${roles}::text[], ${except ?? NOBODY}::uuid, ${tenantId}::uuid) as agreers`;
  return row?.agreers ?? 0;
}
