import "server-only";
import { randomUUID } from "node:crypto";
import type { Tx } from "@/lib/db/client";
import type { ChannelKind } from "@/lib/engine/channels/schemas";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";
import type { DeliveryPurpose } from "./schemas";

export interface NewDelivery {
  readonly purpose: DeliveryPurpose;
  /** "raised", "cleared", "final"… */
  readonly event: string;
  /** What it says, in a line, for the log. */
  readonly title: string;
  /** The alert's or the statement's id; its renderer makes the message of it when the time has come. */
  readonly subjectId: string | null;
  readonly tenantId?: string | null;
  readonly kind: ChannelKind;
  /** Where it goes: what the channel has for targets as it is sent… */
  readonly channelId?: string | null;
  /** …or, without a channel, these addresses. */
  readonly targets?: readonly string[];
  /** Not before this moment; absent: at once. */
  readonly notBefore?: Date;
  /** So that the same message is never queued twice. */
  readonly dedupeKey: string;
}

/** Queues messages in the caller's transaction: they go out if it commits, even if this process ends right then. One that is queued already stays as it is. */
export async function queueDeliveries(tx: Tx, ctx: EngineContext, messages: readonly NewDelivery[]): Promise<void> {
  if (messages.length === 0) return;
  const now = ctx.now();
  await tx.delivery.createMany({
    data: messages.map(({ notBefore = now, targets = [], tenantId = null, channelId = null, ...message }) => ({
      ...message,
      tenantId,
      channelId,
      targets: [...targets],
      dueAt: notBefore,
      nextAttemptAt: notBefore,
      createdAt: now,
    })),
    skipDuplicates: true,
  });
  // Pages ask for the whole log whichever row an event names.
  await emitEvent(tx, "delivery", randomUUID());
}

/** Queues one message; see queueDeliveries. */
export const queueDelivery = (tx: Tx, ctx: EngineContext, message: NewDelivery): Promise<void> =>
  queueDeliveries(tx, ctx, [message]);
