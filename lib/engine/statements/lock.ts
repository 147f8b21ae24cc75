import "server-only";
import type { Tx } from "@/lib/db/client";

/** Tells this kind of advisory lock from others. */
const LOCK_KIND = 7122;

/**
 * Who writes statements, or changes what a final one may be made of, is alone until the end of the transaction: numbers have no gap
 * and no double, and no price or correction slips between the computing of a statement and its freezing.
 */
export async function lockStatements(tx: Tx): Promise<void> {
  await tx.$executeRaw`select pg_advisory_xact_lock(${LOCK_KIND}::int, 0)`;
}
