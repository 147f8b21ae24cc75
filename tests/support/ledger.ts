import type { Database } from "@/lib/db/client";

/** Empties the ledger, which is append-only: its triggers are off for one transaction. */
export async function emptyLedger(db: Database): Promise<void> {
  await db.prisma.$transaction([
    db.prisma.$executeRaw`set local session_replication_role = replica`,
    db.prisma.$executeRaw`delete from usage_entry`,
    db.prisma.$executeRaw`delete from usage_measurement`,
  ]);
}
