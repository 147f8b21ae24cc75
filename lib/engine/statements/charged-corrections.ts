import "server-only";
import type { Tx } from "@/lib/db/client";
import { MeterName } from "@/lib/engine/usage/meters";
import { Prisma } from "@/prisma/generated/client";
import type { ChargedCorrection } from "./compute";
import { keyOf, keysTable, type MonthKey } from "./keys";
import { ratesOf, toRates } from "./terms";

/** Corrections of one tenant that one statement may charge; nobody writes more by hand. */
export const CORRECTIONS_MAX = 1_000;

interface Row {
  tenant_id: string;
  month: string;
  id: string;
  of_month: string;
  meter: string;
  quantity: string;
  reason: string;
  is_late: boolean;
  charged: string;
  currency: string | null;
  rates: Parameters<typeof toRates>[0];
}

/**
 * The corrections that the statement of each month charges, oldest first: those of the month itself, and those of months that were
 * final when somebody corrected them, in the first month behind them that is not final yet.
 */
export async function findCorrections(
  tx: Pick<Tx, "$queryRaw">,
  keys: readonly MonthKey[],
): Promise<Map<string, ChargedCorrection[]>> {
  const rows = await tx.$queryRaw<Row[]>`
    select k.tenant_id, k.month, c.id, c.month as of_month, c.meter, trim_scale(c.quantity)::text as quantity, c.reason,
      c.month <> k.month as is_late, coalesce(before.charged, '0') as charged, p.currency, ${ratesOf(Prisma.sql`v.id`)} as rates
    from ${keysTable(keys)}
    join usage_correction c on c.tenant_id = k.tenant_id and c.month <= k.month
    left join statement s on s.tenant_id = c.tenant_id and s.month = c.month and s.state = 'final'
    left join price_plan_version v on v.id = s.plan_version_id
    left join price_plan p on p.id = v.plan_id
    left join lateral (
      select trim_scale(sum(l.quantity))::text as charged
      from statement o join statement_line l on l.statement_id = o.id left join usage_correction e on e.id = l.correction_id
      where o.tenant_id = c.tenant_id and o.state = 'final' and l.meter = c.meter
        and (e.month = c.month or (o.month = c.month and l.kind = 'usage'))
    ) before on s.id is not null
    where (c.month = k.month and s.id is null) or (
      s.id is not null and not exists (
        select 1 from statement_line l join statement o on o.id = l.statement_id
        where l.correction_id = c.id and o.state = 'final'
      ) and k.month = (
        select min(m.month) from usage_month m where m.tenant_id = c.tenant_id and m.month > c.month and not exists (
          select 1 from statement f where f.tenant_id = m.tenant_id and f.month = m.month and f.state = 'final')
      )
    )
    order by c.created_at, c.id limit ${CORRECTIONS_MAX * keys.length}`;
  const found = new Map<string, ChargedCorrection[]>();
  for (const row of rows) {
    const key = keyOf({ tenantId: row.tenant_id, month: row.month });
    found.set(key, [...(found.get(key) ?? []), toCorrection(row)]);
  }
  return found;
}

function toCorrection({
  id,
  of_month,
  meter,
  quantity,
  reason,
  is_late,
  charged,
  currency,
  rates,
}: Row): ChargedCorrection {
  const prices = currency === null ? null : { currency, minimum: "0", rates: toRates(rates) };
  const late = is_late ? { prices, charged } : null;
  return { id, meter: MeterName.parse(meter), month: of_month, quantity, reason, late };
}
