import { z } from "zod";
import { Delivery } from "@/lib/engine/deliveries/schemas";
import { Id, page } from "@/lib/engine/schemas";

export const SentStatement = z.object({ targets: z.array(z.string()) });
export type SentStatement = z.infer<typeof SentStatement>;

export const ListStatementDeliveriesInput = z.object({ id: Id, cursor: z.string().max(200).optional() });
export type ListStatementDeliveriesInput = z.infer<typeof ListStatementDeliveriesInput>;

/** Newest first. */
export const StatementDeliveryPage = page(Delivery);
export type StatementDeliveryPage = z.infer<typeof StatementDeliveryPage>;
