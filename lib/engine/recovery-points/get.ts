import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { notFound } from "@/lib/errors";
import { toDetail, withEverything } from "./convert";
import type { RecoveryPointDetail } from "./schemas";

/** Throws `not_found`. */
export async function getRecoveryPoint(ctx: EngineContext, { id }: { id: string }): Promise<RecoveryPointDetail> {
  const row = await ctx.db.prisma.recoveryPoint.findUnique({ where: { id }, include: withEverything });
  if (!row) throw notFound("recovery point");
  return toDetail(row);
}
