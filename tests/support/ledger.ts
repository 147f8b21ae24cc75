import type { Database } from "@/lib/db/client";
import type { History } from "./usage-history";

/** Empties the ledger and what was made of it. It is append-only: its triggers are off for one transaction. */
export async function emptyLedger(db: Database): Promise<void> {
  await db.prisma.$transaction([
    db.prisma.$executeRaw`set local session_replication_role = replica`,
    db.prisma.$executeRaw`delete from usage_entry`,
    db.prisma.$executeRaw`delete from usage_measurement`,
    db.prisma.$executeRaw`delete from usage_day`,
    db.prisma.$executeRaw`delete from usage_month`,
  ]);
}

/** Writes what a history measured after one moment and up to another one (seconds since 1970), as measuring would have. */
export async function writeHistory(db: Database, history: History, after: number, upTo: number): Promise<void> {
  const at = (seconds: number) => new Date(seconds * 1000);
  const isNow = (seconds: number) => seconds > after && seconds <= upTo;
  await db.prisma.usageMeasurement.createMany({
    data: history.measurements.filter(isNow).map((seconds) => ({ at: at(seconds), agents: 0 })),
  });
  const entries = [...history.entries].flatMap(([agentId, list]) =>
    list.filter((entry) => isNow(entry.at)).map((entry) => ({ agentId, ...entry })),
  );
  await db.prisma.usageEntry.createMany({
    data: entries.map((entry) => ({
      ...entry,
      at: at(entry.at),
      origin: "measured" as const,
      agentName: entry.agentId.slice(0, 8),
      hostName: "",
    })),
  });
}
