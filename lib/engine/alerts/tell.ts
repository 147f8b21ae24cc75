import "server-only";
import type { Tx } from "@/lib/db/client";
import { emitEvents } from "@/lib/engine/events/emit";

/** Pages ask for the whole list whichever alert an event names; ten thousand events at once would say no more. */
const TOLD_MAX = 100;

/** Tells open pages that these alerts changed. */
export async function tellOf(tx: Tx, alerts: readonly { id: string }[]): Promise<void> {
  const ids = alerts.slice(0, TOLD_MAX).map(({ id }) => id);
  if (ids.length > 0) await emitEvents(tx, "alert", ids);
}
