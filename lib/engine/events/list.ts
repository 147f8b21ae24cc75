import "server-only";
import type { Database } from "@/lib/db/client";
import { EventMessage } from "@/lib/engine/core/schemas";

/** At most this many events are replayed to one reader; a page that missed more reads its lists anew. */
export const REPLAY_MAX = 500;

/** Events after an id, oldest first. */
export async function listEventsAfter(db: Database, afterId: bigint): Promise<EventMessage[]> {
  const rows = await db.prisma.event.findMany({
    where: { id: { gt: afterId } },
    orderBy: { id: "asc" },
    take: REPLAY_MAX,
  });
  return rows.map((row) =>
    EventMessage.parse({ id: String(row.id), at: row.at.toISOString(), kind: row.kind, subject: row.subject }),
  );
}

/** The id of the newest event; 0 when there is none. */
export async function newestEventId(db: Database): Promise<bigint> {
  const newest = await db.prisma.event.findFirst({ orderBy: { id: "desc" }, select: { id: true } });
  return newest?.id ?? 0n;
}
