import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { notFound } from "@/lib/errors";
import { toDetail, withRepository } from "./convert";
import type { SyncSessionDetail } from "./schemas";

/** One session with what it could not take over. Throws `not_found`. */
export async function getSyncSession(ctx: EngineContext, { id }: { id: string }): Promise<SyncSessionDetail> {
  const row = await ctx.db.prisma.syncSession.findUnique({ where: { id }, include: withRepository });
  if (!row) throw notFound("sync session");
  return toDetail(row);
}
