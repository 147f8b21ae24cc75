import { Prisma } from "@/prisma/generated/client";

export interface Whose {
  readonly tenantId?: string;
  readonly agentId?: string;
  readonly repositoryId?: string;
  readonly pairingId?: string;
}

/** Rows of usage_day (as d) that are of these; everything that is named must hold. */
export function isWhose({ tenantId, agentId, repositoryId, pairingId }: Whose): Prisma.Sql {
  const conditions = [Prisma.sql`true`];
  if (tenantId) conditions.push(Prisma.sql`d.tenant_id = ${tenantId}::uuid`);
  if (agentId) conditions.push(Prisma.sql`d.agent_id = ${agentId}::uuid`);
  if (repositoryId) conditions.push(Prisma.sql`d.repository_id = ${repositoryId}::uuid`);
  if (pairingId === "none") conditions.push(Prisma.sql`d.pairing_id is null`);
  else if (pairingId) conditions.push(Prisma.sql`d.pairing_id = ${pairingId}::uuid`);
  return Prisma.join(conditions, " and ");
}
