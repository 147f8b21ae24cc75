import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { notFound } from "@/lib/errors";
import { Prisma } from "@/prisma/generated/client";
import { toVolume } from "./convert";
import type { AgentDetail } from "./schemas";
import { agentSummaries } from "./summaries";

/** Throws `not_found`. */
export async function getAgent(ctx: EngineContext, { id }: { id: string }): Promise<AgentDetail> {
  const [[summary], volumes] = await Promise.all([
    agentSummaries(ctx, Prisma.sql`id = ${id}::uuid`, 1),
    ctx.db.prisma.volume.findMany({ where: { agentId: id }, orderBy: [{ name: "asc" }, { id: "asc" }] }),
  ]);
  if (!summary) throw notFound("agent");
  return { ...summary, volumes: volumes.map(toVolume) };
}
