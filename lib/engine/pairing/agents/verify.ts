import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { conflict, notFound } from "@/lib/errors";
import { peerOf } from "../caller";
import { distinct } from "./ask";
import { type CheckedAgent, checkAgents } from "./checks";
import type { AddAgentsChecks, VerifyAddAgentsDemand, VerifyAddAgentsRequest } from "./peer-schemas";

/**
 * VerifyAddAgentsByRequest, on the target: would it be safe to replicate these agents to here? Changes nothing. Throws conflict
 * that names every failing check, unless the caller asked for the report.
 */
export function verifyAddAgentsByRequest(ctx: EngineContext, input: VerifyAddAgentsRequest): Promise<AddAgentsChecks> {
  const agents = distinct(input.agents, ({ id }) => id);
  return verify(
    ctx,
    agents.map((agent) => ({ ...agent, repositoryId: null, quotaBytes: null })),
    input.report,
  );
}

/** VerifyAddAgentsByDemand: the same for the repositories and quotas that an administrator names. */
export function verifyAddAgentsByDemand(ctx: EngineContext, input: VerifyAddAgentsDemand): Promise<AddAgentsChecks> {
  const agents = distinct(input.agents, ({ agentInfo }) => agentInfo.id);
  return verify(
    ctx,
    agents.map(({ agentInfo, repositoryId, quotaBytes }) => ({ ...agentInfo, repositoryId, quotaBytes })),
    input.report,
  );
}

async function verify(ctx: EngineContext, agents: CheckedAgent[], report: boolean): Promise<AddAgentsChecks> {
  const { pairingId } = peerOf(ctx);
  const pairing = await ctx.db.prisma.pairing.findUnique({
    where: { id: pairingId },
    select: { id: true, tenantId: true, peerVersion: true },
  });
  if (!pairing) throw notFound("pairing");
  const checks = await checkAgents(ctx, pairing, agents);
  const failed = checks.filter(({ passed }) => !passed);
  if (failed.length === 0 || report) return { checks };
  // Existing clients show the beginning alone: the names come first.
  const names = failed.map(({ name }) => name).join(", ");
  throw conflict(
    `These agents cannot be added (${names}). ${failed.map(({ name, message }) => `${name}: ${message}`).join(" ")}`,
  );
}
