import "server-only";
import type { z } from "zod";
import type { EngineContext } from "@/lib/engine/context";
import { readIdCursor } from "@/lib/engine/id-cursor";
import { page } from "@/lib/engine/schemas";
import { toTaskReport, withAgent } from "./convert";
import { type ListTasksInput, TaskReport } from "./schemas";

export const TaskPage = page(TaskReport);
export type TaskPage = z.infer<typeof TaskPage>;

/** A page of captures and restores, newest first. */
export async function listTasks(ctx: EngineContext, input: ListTasksInput): Promise<TaskPage> {
  const where = input.agentId ? { agentId: input.agentId } : {};
  const before = readIdCursor(input.cursor);
  const rows = await ctx.db.prisma.task.findMany({
    where: { ...where, ...(before ? { id: { lt: before } } : {}) },
    orderBy: { id: "desc" },
    take: input.limit + 1,
    include: withAgent,
  });
  const items = rows.slice(0, input.limit).map(toTaskReport);
  return {
    items,
    nextCursor: rows.length > input.limit ? (items.at(-1)?.id ?? null) : null,
    total: await ctx.db.prisma.task.count({ where }),
  };
}
