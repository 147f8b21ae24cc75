import "server-only";
import { withTransaction } from "@/lib/db/transaction";
import { writeAudit } from "@/lib/engine/audit";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";
import { conflict, notFound } from "@/lib/errors";
import { toDelivery } from "./list";
import type { Delivery } from "./schemas";

/**
 * Sends a message now that waits for its next attempt or was given up; it has another day for it. Throws not_found, conflict for one that is
 * being sent, has arrived or is not needed, for a test, and for one whose channel is switched off or gone.
 */
export async function retryDelivery(ctx: EngineContext, { id }: { id: string }): Promise<Delivery> {
  const now = ctx.now();
  const delivery = await withTransaction(ctx.db, async (tx) => {
    const before = await tx.delivery.findUnique({ where: { id }, include: { channel: true } });
    if (!before) throw notFound("delivery");
    if (before.purpose === "test") throw conflict("A test is not tried again. Send a new one from the channel.");
    if (before.channel ? !before.channel.enabled : before.targets.length === 0 || before.kind === "webhook")
      throw conflict("Its channel is switched off or removed.", "channel-off");
    const { count } = await tx.delivery.updateMany({
      where: { id, state: { in: ["waiting", "failed"] } },
      data: { state: "waiting", dueAt: now, nextAttemptAt: now },
    });
    if (count === 0) throw conflict("It is just being sent, has arrived, or is not needed any more.", "wrong-state");
    // One that waits for its next attempt holds up the others of its channel.
    if (before.channelId)
      await tx.delivery.updateMany({
        where: { channelId: before.channelId, state: "waiting", attempts: { gt: 0 }, nextAttemptAt: { gt: now } },
        data: { nextAttemptAt: now },
      });
    await writeAudit(tx, ctx, "delivery.retry", id, { purpose: before.purpose, title: before.title });
    await emitEvent(tx, "delivery", id);
    return tx.delivery.findUniqueOrThrow({ where: { id }, include: { channel: true } });
  });
  await ctx.enqueue("deliver", {}, { key: "all" });
  return toDelivery(delivery);
}
