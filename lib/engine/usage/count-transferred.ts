import "server-only";
import type { Tx } from "@/lib/db/client";

/** Adds bytes that crossed the network for an agent to its counter, which only grows. Once for each batch, never for each record. */
export async function countTransferred(tx: Pick<Tx, "$executeRaw">, agentId: string, bytes: number): Promise<void> {
  if (bytes <= 0) return;
  await tx.$executeRaw`update agent set transferred_bytes = transferred_bytes + ${bytes}::bigint where id = ${agentId}::uuid`;
}
