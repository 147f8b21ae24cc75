import "server-only";
import { notFound } from "@/lib/errors";
import type { Quota } from "@/prisma/generated/client";
import { type Limits, limitOf } from "./judge";
import type { QuotaMeter } from "./schemas";
import type { Queries } from "./used";

/** A quota that refuses. */
export interface HardQuota {
  readonly of: "tenant" | "agent";
  readonly subjectId: string;
  readonly meter: QuotaMeter;
  readonly limits: Limits;
  readonly limitBytes: number;
}

export const limitsOf = ({ softBytes, hardBytes, overageBytes }: Quota): Limits => ({
  softBytes: softBytes === null ? null : Number(softBytes),
  hardBytes: hardBytes === null ? null : Number(hardBytes),
  overageBytes: Number(overageBytes),
});

/** What binds new data of these subjects, agents' own before their tenants'. One question by the index, and most often without an answer. */
export async function hardQuotas(db: Queries, subjectIds: readonly string[]): Promise<HardQuota[]> {
  const rows = await db.quota.findMany({
    where: { subjectId: { in: [...subjectIds] }, hardBytes: { not: null } },
    orderBy: { meter: "asc" },
  });
  return rows
    .map((row): HardQuota => {
      const limits = limitsOf(row);
      const { subjectId, meter } = row;
      return { of: row.agentId ? "agent" : "tenant", subjectId, meter, limits, limitBytes: limitOf(limits) ?? 0 };
    })
    .toSorted((a, b) => (a.of === b.of ? 0 : a.of === "agent" ? -1 : 1));
}

/** The quota of an agent on stored bytes, as documents and requests carry it; null: none. */
export async function agentQuotaBytes(db: Queries, agentId: string): Promise<number | null> {
  const row = await db.quota.findUnique({ where: { subjectId_meter: { subjectId: agentId, meter: "stored" } } });
  return row?.hardBytes == null ? null : Number(row.hardBytes);
}

export async function requireAgent(db: Queries, id: string): Promise<{ id: string; name: string; tenantId: string }> {
  const agent = await db.agent.findUnique({ where: { id }, select: { id: true, name: true, tenantId: true } });
  if (!agent) throw notFound("agent");
  return agent;
}

export async function requireTenant(db: Queries, id: string): Promise<{ id: string; name: string }> {
  const tenant = await db.tenant.findUnique({ where: { id }, select: { id: true, name: true } });
  if (!tenant) throw notFound("tenant");
  return tenant;
}
