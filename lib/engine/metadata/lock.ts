import "server-only";
import type { Tx } from "@/lib/db/client";

/** One writer of an agent's metadata at a time; rows that refer to the agent are not held up. */
export async function lockAgent(tx: Tx, agentId: string): Promise<void> {
  await tx.$executeRaw`select 1 from agent where id = ${agentId}::uuid for no key update`;
}
