import { Prisma } from "@/prisma/generated/client";

/** A tenant's month. */
export interface MonthKey {
  readonly tenantId: string;
  readonly month: string;
}

/** Months as a table of a query, so that many are computed with the same few statements as one. */
export const keysTable = (keys: readonly MonthKey[]): Prisma.Sql => Prisma.sql`
  (select * from unnest(${keys.map(({ tenantId }) => tenantId)}::uuid[], ${keys.map(({ month }) => month)}::text[])
    as k(tenant_id, month)) k`;

export const keyOf = ({ tenantId, month }: MonthKey): string => `${tenantId} ${month}`;
