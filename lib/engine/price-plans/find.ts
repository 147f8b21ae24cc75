import "server-only";
import type { Tx } from "@/lib/db/client";
import { Prisma } from "@/prisma/generated/client";

/** How many tenants have each of these plans this month, or get it later. */
export async function countTenants(
  tx: Pick<Tx, "$queryRaw">,
  planIds: readonly string[],
  month: string,
): Promise<Map<string, number>> {
  const rows = await tx.$queryRaw<{ plan_id: string; count: bigint }[]>`
    select t.plan_id, count(distinct t.tenant_id) from tenant_plan t
    where t.plan_id = any(${planIds}::uuid[]) and (t.valid_from > ${month} or not exists (
      select 1 from tenant_plan o where o.tenant_id = t.tenant_id and o.valid_from > t.valid_from and o.valid_from <= ${month}))
    group by 1`;
  return new Map(rows.map(({ plan_id, count }) => [plan_id, Number(count)]));
}

/** The last month of a final statement that uses each of these plans: prices of months up to it do not change any more. */
export async function findFrozenMonths(
  tx: Pick<Tx, "$queryRaw">,
  planIds: readonly string[],
): Promise<Map<string, string>> {
  const rows = await tx.$queryRaw<{ plan_id: string; month: string }[]>`
    select v.plan_id, max(s.month) as month from statement s join price_plan_version v on v.id = s.plan_version_id
    where s.state = 'final' and v.plan_id = any(${planIds}::uuid[]) group by 1`;
  return new Map(rows.map(({ plan_id, month }) => [plan_id, month]));
}

/** The ids of the versions that count in a month, of each of these plans. */
export async function findCurrentVersions(
  tx: Pick<Tx, "$queryRaw">,
  planIds: readonly string[],
  month: string,
): Promise<string[]> {
  const rows = await tx.$queryRaw<{ id: string }[]>(Prisma.sql`
    select distinct on (plan_id) id from price_plan_version
    where plan_id = any(${planIds}::uuid[]) and valid_from <= ${month} order by plan_id, valid_from desc`);
  return rows.map(({ id }) => id);
}

/** This month by UTC: what lists call the present one. */
export const monthNow = (now: Date): string => now.toISOString().slice(0, 7);
