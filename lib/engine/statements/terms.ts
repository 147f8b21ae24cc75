import "server-only";
import type { Tx } from "@/lib/db/client";
import { type MeterName, MeterName as MeterNames } from "@/lib/engine/usage/meters";
import { Prisma } from "@/prisma/generated/client";
import type { Prices, Rate } from "./compute";
import { keyOf, keysTable, type MonthKey } from "./keys";

/** What counts for a tenant's month: its plan, and the plan's version. */
export interface Terms {
  readonly planId: string;
  readonly planName: string;
  readonly versionId: string;
  readonly prices: Prices;
}

interface Row {
  tenant_id: string;
  month: string;
  plan_id: string;
  plan_name: string;
  version_id: string;
  currency: string;
  minimum: string;
  rates: { meter: string; from: string; price: string }[] | null;
}

/** The rates of a version as a column of a query. */
export const ratesOf = (versionId: Prisma.Sql): Prisma.Sql => Prisma.sql`
  (select jsonb_agg(jsonb_build_object('meter', r.meter, 'from', trim_scale(r.from_quantity)::text,
    'price', trim_scale(r.unit_price)::text) order by r.meter, r.from_quantity) from price_rate r where r.version_id = ${versionId})`;

/** As that column is read. */
export const toRates = (rates: Row["rates"]): Rate[] =>
  (rates ?? []).map(({ meter, from, price }) => ({
    meter: MeterNames.parse(meter) as MeterName,
    fromQuantity: from,
    unitPrice: price,
  }));

/** The terms of each month by keyOf; a month without a plan, or whose plan has no prices yet, is not among them. */
export async function findTerms(tx: Pick<Tx, "$queryRaw">, keys: readonly MonthKey[]): Promise<Map<string, Terms>> {
  const rows = await tx.$queryRaw<Row[]>`
    select k.tenant_id, k.month, p.id as plan_id, p.name as plan_name, v.id as version_id, p.currency,
      trim_scale(v.minimum)::text as minimum, ${ratesOf(Prisma.sql`v.id`)} as rates
    from ${keysTable(keys)}
    cross join lateral (
      select plan_id from tenant_plan t where t.tenant_id = k.tenant_id and t.valid_from <= k.month
      order by t.valid_from desc limit 1
    ) t
    join price_plan p on p.id = t.plan_id
    cross join lateral (
      select id, minimum from price_plan_version v where v.plan_id = p.id and v.valid_from <= k.month
      order by v.valid_from desc limit 1
    ) v`;
  return new Map(
    rows.map((row) => [
      keyOf({ tenantId: row.tenant_id, month: row.month }),
      {
        planId: row.plan_id,
        planName: row.plan_name,
        versionId: row.version_id,
        prices: { currency: row.currency, minimum: row.minimum, rates: toRates(row.rates) },
      },
    ]),
  );
}
