import "server-only";
import { z } from "zod";
import type { EngineContext } from "@/lib/engine/context";
import { notFound } from "@/lib/errors";
import { Prisma } from "@/prisma/generated/client";
import { toVolume } from "./convert";
import { leaderOfAgent, withLeadPairing } from "./led";
import { type AgentDetail, AgentPolicy } from "./schemas";
import { agentSummaries } from "./summaries";

const NAMED = { select: { id: true, name: true } } as const;

/** Throws `not_found`. */
export async function getAgent(ctx: EngineContext, { id }: { id: string }): Promise<AgentDetail> {
  const [[summary], agent] = await Promise.all([
    agentSummaries(ctx, Prisma.sql`id = ${id}::uuid`, 1),
    ctx.db.prisma.agent.findUnique({
      where: { id },
      include: {
        volumes: {
          where: { removedAt: null },
          orderBy: [{ name: "asc" }, { id: "asc" }],
          include: { policy: NAMED },
        },
        policy: NAMED,
        ...withLeadPairing,
      },
    }),
  ]);
  if (!summary || !agent) throw notFound("agent");
  return {
    ...summary,
    volumes: agent.volumes.map(toVolume),
    labels: agent.labels,
    policies: z.array(AgentPolicy).catch([]).parse(agent.policies),
    metadataAt: agent.metadataAt?.toISOString() ?? null,
    ledBy: leaderOfAgent(agent),
    policy: agent.policy,
    nextCaptureAt: agent.leadPairingId === null ? (agent.nextCaptureAt?.toISOString() ?? null) : null,
    captureFailure:
      agent.captureFailure === null || agent.captureFailedAt === null
        ? null
        : { message: agent.captureFailure, at: agent.captureFailedAt.toISOString() },
  };
}
