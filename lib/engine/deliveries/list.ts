import "server-only";
import { shownTargets } from "@/lib/engine/channels/convert";
import type { EngineContext } from "@/lib/engine/context";
import { Id } from "@/lib/engine/schemas";
import { invalidInput } from "@/lib/errors";
import type { Channel as ChannelRow, Delivery as DeliveryRow, Prisma } from "@/prisma/generated/client";
import { type Delivery, type DeliveryPage, DeliveryPurpose, type ListDeliveriesInput } from "./schemas";

/** A page of the log, the newest first. */
export async function listDeliveries(ctx: EngineContext, input: ListDeliveriesInput): Promise<DeliveryPage> {
  const { state, purpose, channelId, subjectId, limit } = input;
  const where: Prisma.DeliveryWhereInput = { state, purpose, channelId, subjectId };
  const after = readCursor(input.cursor);
  const behind = after ? { OR: [{ createdAt: { lt: after.at } }, { createdAt: after.at, id: { lt: after.id } }] } : {};
  const [rows, total] = await Promise.all([
    ctx.db.prisma.delivery.findMany({
      where: { AND: [where, behind] },
      orderBy: [{ createdAt: "desc" }, { id: "desc" }],
      take: limit + 1,
      include: { channel: true },
    }),
    ctx.db.prisma.delivery.count({ where }),
  ]);
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const nextCursor = rows.length > limit && last ? `${last.createdAt.toISOString()}~${last.id}` : null;
  return { items: shown.map(toDelivery), nextCursor, total };
}

/** A row as operators see it: never where a webhook goes in full. */
export function toDelivery(row: DeliveryRow & { channel: ChannelRow | null }): Delivery {
  const { channel } = row;
  const isOpen = row.state === "waiting" || row.state === "sending";
  return {
    id: row.id,
    purpose: DeliveryPurpose.parse(row.purpose),
    event: row.event,
    kind: row.kind,
    channelId: row.channelId,
    channelName: channel?.name ?? null,
    targets: row.targets.length === 0 && channel ? shownTargets(channel) : row.targets,
    subjectId: row.subjectId,
    title: row.title,
    state: row.state,
    attempts: row.attempts,
    nextAttemptAt: isOpen ? row.nextAttemptAt.toISOString() : null,
    lastAttemptAt: row.lastAttemptAt?.toISOString() ?? null,
    deliveredAt: row.deliveredAt?.toISOString() ?? null,
    responseStatus: row.responseStatus,
    words: row.lastError,
    createdAt: row.createdAt.toISOString(),
  };
}

function readCursor(cursor: string | undefined): { at: Date; id: string } | null {
  if (cursor === undefined) return null;
  const [when = "", id = ""] = cursor.split("~");
  const at = new Date(when);
  if (Number.isNaN(at.getTime()) || !Id.safeParse(id).success)
    throw invalidInput("The cursor is not one that this list gave out.");
  return { at, id };
}
