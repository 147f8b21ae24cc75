import "server-only";
import type { Tx } from "@/lib/db/client";

/**
 * Holds all rules, policies and assignments until the end of the transaction: what an agent's sessions must be follows from several of
 * them, and nobody may change one while it is worked out. People change them now and then, so that taking turns costs nothing.
 */
export async function lockPolicies(tx: Tx): Promise<void> {
  await tx.$executeRaw`select pg_advisory_xact_lock(hashtextextended('policies', 0))`;
}
