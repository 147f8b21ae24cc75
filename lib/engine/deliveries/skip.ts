import "server-only";
import type { Tx } from "@/lib/db/client";

/** What waits for a channel is not sent any more. */
export async function skipWaiting(tx: Tx, channelId: string, words: string): Promise<void> {
  await tx.delivery.updateMany({
    where: { channelId, state: "waiting" },
    data: { state: "skipped", lastError: words },
  });
}
