import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { notFound } from "@/lib/errors";
import type { UsageOrigin } from "@/prisma/generated/client";
import type { AgentUsage, AgentUsageSample, ReportedRepositories } from "./schemas";

/** Three weeks by the hour: more than a chart shows. */
const SAMPLES_MAX = 500;
/** As many as one report may name. */
const REPOSITORIES_MAX = 1000;

/** The ledger of one agent: what we counted, and beside it what its source said. Throws `not_found`. */
export async function getAgentUsage(ctx: EngineContext, { id }: { id: string }): Promise<AgentUsage> {
  const [agent, measured, reported] = await Promise.all([
    ctx.db.prisma.agent.findUnique({ where: { id }, select: { id: true } }),
    measuredOf(ctx, id),
    samplesOf(ctx, id, "reported"),
  ]);
  if (!agent) throw notFound("agent");
  return { measured, reported };
}

/** Figures that did not change have no entry of their own: the newest one holds up to the last measurement. */
async function measuredOf(ctx: EngineContext, agentId: string): Promise<AgentUsageSample[]> {
  const [samples, newest] = await Promise.all([
    samplesOf(ctx, agentId, "measured"),
    ctx.db.prisma.usageMeasurement.findFirst({ orderBy: { at: "desc" }, select: { at: true } }),
  ]);
  const last = samples.at(-1);
  const at = newest?.at.toISOString();
  return last && at && at > last.at ? [...samples, { ...last, at }] : samples;
}

async function samplesOf(ctx: EngineContext, agentId: string, origin: UsageOrigin): Promise<AgentUsageSample[]> {
  const rows = await ctx.db.prisma.usageEntry.findMany({
    where: { agentId, origin },
    orderBy: [{ at: "desc" }, { id: "desc" }],
    take: SAMPLES_MAX,
  });
  return rows.reverse().map((row) => ({
    at: row.at.toISOString(),
    protectedBytes: Number(row.protectedBytes),
    storedBytes: row.storedBytes === null ? null : Number(row.storedBytes),
    recoveryPoints: row.recoveryPoints,
  }));
}

/** What a source said last of each of its repositories. Throws `not_found`. */
export async function getReportedRepositories(
  ctx: EngineContext,
  { id }: { id: string },
): Promise<ReportedRepositories> {
  const pairing = await ctx.db.prisma.pairing.findUnique({ where: { id }, select: { id: true } });
  if (!pairing) throw notFound("pairing");
  const rows = await ctx.db.prisma.repositoryReport.findMany({
    where: { pairingId: id },
    distinct: ["repositoryId"],
    orderBy: [{ repositoryId: "asc" }, { at: "desc" }, { id: "desc" }],
    take: REPOSITORIES_MAX,
  });
  return {
    repositories: rows.map((row) => ({
      repositoryId: row.repositoryId,
      name: row.name,
      bytesFree: Number(row.bytesFree),
      bytesUsed: Number(row.bytesUsed),
      at: row.at.toISOString(),
    })),
  };
}
