import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { peerOf } from "@/lib/engine/pairing/caller";
import { notFound } from "@/lib/errors";
import type { Prisma } from "@/prisma/generated/client";
import type { AgentRepositoryRelationships } from "./peer-schemas";

/** One answer of the protocol; a core that replicates more agents to here asks by core. */
const AGENTS_MAX = 10_000;

/** GetAgentRepositoryRelationships, on the target: which repository each of the caller's agents lies in. */
export function getOwnRelationships(ctx: EngineContext, _input: object): Promise<AgentRepositoryRelationships> {
  return relationships(ctx, { pairingId: peerOf(ctx).pairingId });
}

/** …ByCoreInfo: a paired core may name itself. Throws not_found for any other core, whether there is one or not. */
export async function getOwnRelationshipsByCore(
  ctx: EngineContext,
  input: { id: string },
): Promise<AgentRepositoryRelationships> {
  const { pairingId } = peerOf(ctx);
  const pairing = await ctx.db.prisma.pairing.findUnique({ where: { id: pairingId }, select: { peerCoreId: true } });
  if (pairing?.peerCoreId !== input.id) throw notFound("core");
  return relationships(ctx, { pairingId });
}

/** …ByDemand: an administrator of this core sees every agent that is replicated to here. */
export function getAllRelationships(ctx: EngineContext, _input: object): Promise<AgentRepositoryRelationships> {
  return relationships(ctx, { pairing: { side: "target", state: "established" } });
}

/** …ByDemandByCoreInfo: the agents of the named core, for an administrator. Throws not_found for a core that is not paired. */
export async function getRelationshipsOfCore(
  ctx: EngineContext,
  input: { id: string },
): Promise<AgentRepositoryRelationships> {
  const pairing = { side: "target", state: "established", peerCoreId: input.id } as const;
  if ((await ctx.db.prisma.pairing.count({ where: pairing })) === 0) throw notFound("core");
  return relationships(ctx, { pairing });
}

async function relationships(ctx: EngineContext, where: Prisma.AgentWhereInput): Promise<AgentRepositoryRelationships> {
  const agents = await ctx.db.prisma.agent.findMany({
    where: { ...where, deletionAskedAt: null },
    select: { id: true, repository: { select: { id: true, name: true } } },
    orderBy: { id: "asc" },
    take: AGENTS_MAX,
  });
  return {
    relationships: agents.map(({ id, repository }) => ({
      agentId: id,
      repositoryId: repository.id,
      repositoryName: repository.name,
    })),
  };
}
