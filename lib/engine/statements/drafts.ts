import "server-only";
import type { Tx } from "@/lib/db/client";
import { secondsOf } from "@/lib/engine/usage/calendar";
import { Prisma } from "@/prisma/generated/client";
import { findCorrections } from "./charged-corrections";
import { type CountedUsage, computeStatement, type StatementInput } from "./compute";
import { countUsage, NOTHING } from "./counted";
import { keyOf, keysTable, type MonthKey } from "./keys";
import type { ComputedStatement } from "./schemas";
import { findTerms, type Terms } from "./terms";

/** A tenant's month as it comes out now. */
export interface Draft extends MonthKey {
  readonly tenantName: string;
  readonly customerId: string;
  readonly timeZone: string;
  readonly beginsAt: Date;
  readonly endsAt: Date;
  readonly terms: Terms | null;
  readonly usage: CountedUsage;
  readonly input: StatementInput;
  readonly computed: ComputedStatement;
}

interface MonthRow extends MonthKey {
  tenantName: string;
  customerId: string;
  timeZone: string;
  beginsAt: Date;
  endsAt: Date;
}

/** Computes months from the roll-up, the corrections and the prices as they are now; writes nothing. A month that was never begun is left out. */
export async function computeDrafts(tx: Pick<Tx, "$queryRaw">, keys: readonly MonthKey[]): Promise<Draft[]> {
  if (keys.length === 0) return [];
  const months = await tx.$queryRaw<MonthRow[]>`
    select m.tenant_id as "tenantId", m.month, t.name as "tenantName", t.customer_id as "customerId",
      m.time_zone as "timeZone", m.begins_at as "beginsAt", m.ends_at as "endsAt"
    from ${keysTable(keys)} join usage_month m on m.tenant_id = k.tenant_id and m.month = k.month
    join tenant t on t.id = m.tenant_id order by t.name, m.month`;
  const usages = await countUsage(tx, keys);
  const terms = await findTerms(tx, keys);
  const corrections = await findCorrections(tx, keys);
  return months.map((month) => {
    const key = keyOf(month);
    const input: StatementInput = {
      month: month.month,
      monthSeconds: secondsOf(month),
      usage: usages.get(key) ?? NOTHING,
      corrections: corrections.get(key) ?? [],
      prices: terms.get(key)?.prices ?? null,
    };
    return { ...month, terms: terms.get(key) ?? null, usage: input.usage, input, computed: computeStatement(input) };
  });
}

/**
 * Writes drafts over what was computed before, with their lines, and answers their ids. Statements that are final stay as they are.
 * Under lockStatements.
 */
export async function saveDrafts(tx: Tx, drafts: readonly Draft[], at: Date): Promise<Map<string, string>> {
  if (drafts.length === 0) return new Map();
  const rows = await tx.$queryRaw<{ id: string; tenantId: string; month: string }[]>`
    insert into statement as s (id, tenant_id, tenant_name, customer_id, month, time_zone, begins_at, ends_at, plan_version_id,
      plan_name, currency, total, missing_hours, computed_at)
    select gen_random_uuid(), d.* from (values ${Prisma.join(drafts.map((draft) => valuesOf(draft, at)))}) as d
    on conflict (tenant_id, month) do update set (tenant_name, customer_id, time_zone, begins_at, ends_at, plan_version_id,
      plan_name, currency, total, missing_hours, computed_at) = (excluded.tenant_name, excluded.customer_id, excluded.time_zone,
      excluded.begins_at, excluded.ends_at, excluded.plan_version_id, excluded.plan_name, excluded.currency, excluded.total,
      excluded.missing_hours, excluded.computed_at)
    where s.state = 'draft'
    returning s.id, s.tenant_id as "tenantId", s.month`;
  const ids = new Map(rows.map((row) => [keyOf(row), row.id]));
  await tx.statementLine.deleteMany({ where: { statementId: { in: [...ids.values()] } } });
  const lines = drafts.flatMap((draft) => {
    const statementId = ids.get(keyOf(draft));
    return statementId ? draft.computed.lines.map((line) => ({ statementId, ...line })) : [];
  });
  await tx.statementLine.createMany({ data: lines });
  return ids;
}

function valuesOf({ terms, computed, ...draft }: Draft, at: Date): Prisma.Sql {
  return Prisma.sql`(${draft.tenantId}::uuid, ${draft.tenantName}, ${draft.customerId}, ${draft.month}, ${draft.timeZone},
    ${draft.beginsAt}::timestamptz, ${draft.endsAt}::timestamptz, ${terms?.versionId ?? null}::uuid, ${terms?.planName ?? ""},
    ${terms?.prices.currency ?? ""}, ${computed.total}::numeric, ${computed.missingHours}::numeric, ${at}::timestamptz)`;
}
