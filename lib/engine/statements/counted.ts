import "server-only";
import type { Tx } from "@/lib/db/client";
import type { CountedUsage } from "./compute";
import { keyOf, keysTable, type MonthKey } from "./keys";

export const NOTHING: CountedUsage = {
  storedByteSeconds: 0n,
  protectedByteSeconds: 0n,
  transferredBytes: 0n,
  agentSeconds: 0n,
  missingSeconds: 0n,
};

interface Row {
  tenant_id: string;
  month: string;
  stored: string;
  protected: string;
  transferred: string;
  agents: string;
  missing: string;
}

/** What the roll-up counted in each month; a month in which nothing was used is not among them. */
export async function countUsage(
  tx: Pick<Tx, "$queryRaw">,
  keys: readonly MonthKey[],
): Promise<Map<string, CountedUsage>> {
  const rows = await tx.$queryRaw<Row[]>`
    select k.tenant_id, k.month, sum(d.stored_byte_seconds)::text as stored, sum(d.protected_byte_seconds)::text as protected,
      sum(d.transferred_bytes)::text as transferred, sum(d.agent_seconds)::text as agents, sum(d.missing_seconds)::text as missing
    from ${keysTable(keys)}
    join usage_day d on d.tenant_id = k.tenant_id and d.day >= (k.month || '-01')::date
      and d.day < (k.month || '-01')::date + interval '1 month'
    group by 1, 2`;
  return new Map(
    rows.map((row) => [
      keyOf({ tenantId: row.tenant_id, month: row.month }),
      {
        storedByteSeconds: BigInt(row.stored),
        protectedByteSeconds: BigInt(row.protected),
        transferredBytes: BigInt(row.transferred),
        agentSeconds: BigInt(row.agents),
        missingSeconds: BigInt(row.missing),
      },
    ]),
  );
}
