import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { notFound } from "@/lib/errors";
import { toTaskReport, withAgent } from "./convert";
import type { TaskReport } from "./schemas";

/** Throws `not_found`. */
export async function getTask(ctx: EngineContext, { id }: { id: string }): Promise<TaskReport> {
  const row = await ctx.db.prisma.task.findUnique({ where: { id }, include: withAgent });
  if (!row) throw notFound("task");
  return toTaskReport(row);
}
