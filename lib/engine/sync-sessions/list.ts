import "server-only";
import type { z } from "zod";
import type { EngineContext } from "@/lib/engine/context";
import { readIdCursor } from "@/lib/engine/id-cursor";
import type { page } from "@/lib/engine/schemas";
import { toSummary, withRepository } from "./convert";
import type { ListSyncSessionsInput, SyncSessionSummary } from "./schemas";

export type SyncSessionPage = z.infer<ReturnType<typeof page<typeof SyncSessionSummary>>>;

/** A page of sync sessions, newest first, of one repository or of all. */
export async function listSyncSessions(ctx: EngineContext, input: ListSyncSessionsInput): Promise<SyncSessionPage> {
  const where = input.repositoryId ? { repositoryId: input.repositoryId } : {};
  const before = readIdCursor(input.cursor);
  const rows = await ctx.db.prisma.syncSession.findMany({
    where: { ...where, ...(before ? { id: { lt: before } } : {}) },
    orderBy: { id: "desc" },
    take: input.limit + 1,
    omit: { problems: true, cursor: true },
    include: withRepository,
  });
  const items = rows.slice(0, input.limit).map(toSummary);
  return {
    items,
    nextCursor: rows.length > input.limit ? (items.at(-1)?.id ?? null) : null,
    total: await ctx.db.prisma.syncSession.count({ where }),
  };
}
