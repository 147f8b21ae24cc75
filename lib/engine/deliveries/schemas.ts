import { z } from "zod";
import { ChannelKind } from "@/lib/engine/channels/schemas";
import { Id, Instant, PageInput, page } from "@/lib/engine/schemas";

/** What a message is about; each has one renderer. */
export const DeliveryPurpose = z.enum(["alert", "test", "statement"]);
export type DeliveryPurpose = z.infer<typeof DeliveryPurpose>;

/** waiting: for its time or its next attempt · sending · delivered: its receiver took it · failed: given up · skipped: not needed any more. */
export const DeliveryState = z.enum(["waiting", "sending", "delivered", "failed", "skipped"]);
export type DeliveryState = z.infer<typeof DeliveryState>;

/** One message on its way out of this core, and what became of it. */
export const Delivery = z.object({
  id: Id,
  purpose: DeliveryPurpose,
  /** "raised", "cleared", "test", "final"… */
  event: z.string(),
  kind: ChannelKind,
  channelId: Id.nullable(),
  channelName: z.string().nullable(),
  /** Whom it goes to: addresses; of a webhook only scheme and host, because its path may be a secret. */
  targets: z.array(z.string()),
  subjectId: Id.nullable(),
  /** What it says, in a line. */
  title: z.string(),
  state: DeliveryState,
  attempts: z.number().int(),
  nextAttemptAt: Instant.nullable(),
  lastAttemptAt: Instant.nullable(),
  deliveredAt: Instant.nullable(),
  responseStatus: z.number().int().nullable(),
  /** What the receiver answered last, or why it could not be asked. */
  words: z.string(),
  createdAt: Instant,
});
export type Delivery = z.infer<typeof Delivery>;

export const ListDeliveriesInput = PageInput.extend({
  state: DeliveryState.optional(),
  purpose: DeliveryPurpose.optional(),
  channelId: Id.optional(),
  subjectId: Id.optional(),
});
export type ListDeliveriesInput = z.infer<typeof ListDeliveriesInput>;

export const DeliveryPage = page(Delivery);
export type DeliveryPage = z.infer<typeof DeliveryPage>;
