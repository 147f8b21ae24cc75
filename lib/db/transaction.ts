import "server-only";
import type { Database, Tx } from "@/lib/db/client";

/** Runs `work` in one transaction; what it throws rolls everything back. At most `timeoutMs` long, so that no lock outlives a stuck caller. */
export function withTransaction<T>(db: Database, work: (tx: Tx) => Promise<T>, timeoutMs = 30_000): Promise<T> {
  return db.prisma.$transaction(work, { maxWait: 15_000, timeout: timeoutMs });
}
