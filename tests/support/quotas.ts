import type { Database } from "@/lib/db/client";

/** Sets the hard quota of an agent on stored bytes, or takes it away, as if an administrator had. */
export async function setAgentQuota(db: Database, agentId: string, hardBytes: bigint | null): Promise<void> {
  const where = { subjectId_meter: { subjectId: agentId, meter: "stored" as const } };
  if (hardBytes === null) {
    await db.prisma.quota.deleteMany({ where: { agentId, meter: "stored" } });
    return;
  }
  const { tenantId } = await db.prisma.agent.findUniqueOrThrow({ where: { id: agentId } });
  await db.prisma.quota.upsert({
    where,
    create: { subjectId: agentId, agentId, tenantId, meter: "stored", hardBytes },
    update: { hardBytes },
  });
}

/** What an agent may store; null: there is no such quota. */
export async function agentQuotaOf(db: Database, agentId: string): Promise<bigint | null> {
  const quota = await db.prisma.quota.findFirst({ where: { agentId, meter: "stored" } });
  return quota?.hardBytes ?? null;
}
