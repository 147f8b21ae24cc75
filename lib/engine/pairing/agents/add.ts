import "server-only";
import type { Tx } from "@/lib/db/client";
import { withTransaction } from "@/lib/db/transaction";
import { writeAudit } from "@/lib/engine/audit";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";
import { guard } from "@/lib/engine/protection/guard";
import { conflict } from "@/lib/errors";
import { assertRepositories } from "../approve";
import { administratorActor, type PeerCall, peerOf } from "../caller";
import { type Choice, takeAgents } from "../take-agents";
import { distinct, lockEstablished, writeWishes } from "./ask";
import type { AddAgentsDemand, AddAgentsRequest } from "./peer-schemas";
import { takeAtOnce } from "./take-at-once";

/**
 * AddAgentsByRequest, on the target: the agents wait for a person's answer, one by one; the source hears it by SyncPairingStatus. Those
 * that are replicas of this pairing already, and all others where people said so once for the pairing, are taken in at once.
 * Asking again neither doubles one nor hides that it was taken. Throws too_many_requests over the bound of a pairing.
 */
export async function addAgentsByRequest(ctx: EngineContext, input: AddAgentsRequest): Promise<void> {
  const { pairingId } = peerOf(ctx);
  const asked = distinct(input.agents, ({ id }) => id);
  await withTransaction(ctx.db, async (tx) => {
    const pairing = await lockEstablished(tx, pairingId);
    const news = await writeWishes(tx, ctx, pairingId, asked, input.comments);
    if (news.length === 0) return;
    const { comments, customerId, emailAddress } = input;
    await writeAudit(tx, ctx, "pairing.request-agents", pairingId, {
      agents: news,
      comments,
      customerId,
      emailAddress,
    });
    await takeAtOnce(tx, ctx, pairing, news);
    await emitEvent(tx, "pairing", pairingId);
  });
}

/**
 * AddAgentsByDemand, on the target: an administrator of this core takes agents of the paired caller in at once, each into the
 * repository that it names. Those that are there already stay as they are. Throws not_found for an unknown repository, conflict
 * for an agent that belongs to somebody else or lies in another repository; then none is taken.
 */
export async function addAgentsByDemand(
  ctx: EngineContext,
  input: AddAgentsDemand,
  { caller }: Pick<PeerCall, "caller">,
): Promise<void> {
  const { pairingId } = peerOf(ctx);
  const asAdministrator = byAdministrator(ctx, caller);
  const asked = distinct(input.agents, ({ agentInfo }) => agentInfo.id);
  await guardDemanded(asAdministrator, pairingId, asked);
  await withTransaction(ctx.db, async (tx) => {
    const pairing = await lockEstablished(tx, pairingId);
    if (!pairing.tenantId) throw conflict("This pairing has no tenant. End it and pair again.");
    const there = await alreadyHere(tx, pairingId, asked);
    const fresh = asked.filter(({ agentInfo }) => !there.has(agentInfo.id));
    if (fresh.length === 0) return;
    const choices = fresh.map(
      ({ agentInfo, repositoryId, quotaBytes }): Choice => ({ agentId: agentInfo.id, repositoryId, quotaBytes }),
    );
    await assertRepositories(tx, choices);
    const wishes = fresh.map(({ agentInfo }) => agentInfo);
    await writeWishes(tx, asAdministrator, pairingId, wishes, "");
    await takeAgents(tx, asAdministrator, { pairingId, tenantId: pairing.tenantId, choices });
    const agents = choices.map(({ agentId }) => agentId);
    await writeAudit(tx, asAdministrator, "pairing.add-agents", pairingId, { agents, peer: pairing.peerName });
    await emitEvent(tx, "pairing", pairingId);
  });
}

/** Where it takes a second person the demand waits, and is repeated when somebody agreed. Agents that are here already need nobody. */
async function guardDemanded(ctx: EngineContext, pairingId: string, asked: AddAgentsDemand["agents"]): Promise<void> {
  const agents = asked
    .map(({ agentInfo, repositoryId, quotaBytes }) => ({ id: agentInfo.id, repositoryId, quotaBytes }))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
  const agentIds = agents.map(({ id }) => id);
  const where = { id: { in: agentIds }, pairingId, deletionAskedAt: null };
  if ((await ctx.db.prisma.agent.count({ where })) === agentIds.length) return;
  const pairing = await ctx.db.prisma.pairing.findUniqueOrThrow({ where: { id: pairingId } });
  await guard(ctx, {
    action: "pairing.add-agents",
    subject: { kind: "pairing", id: pairingId },
    title: `Take ${agentIds.length === 1 ? "1 agent" : `${agentIds.length} agents`} of ${pairing.peerName} in by demand.`,
    input: { pairingId, agents },
    tenantId: pairing.tenantId,
  });
}

/** The door calls a paired core a peer; what its administrator demands is the administrator's doing. */
function byAdministrator(ctx: EngineContext, caller: PeerCall["caller"]): EngineContext {
  if (!caller.administrator) return ctx;
  return { ...ctx, actor: administratorActor(caller.administrator, ctx.now()) };
}

/** The caller's agents among them. Throws conflict when one lies in another repository than the one it is demanded for. */
async function alreadyHere(tx: Tx, pairingId: string, asked: AddAgentsDemand["agents"]): Promise<ReadonlySet<string>> {
  const wanted = new Map(asked.map(({ agentInfo, repositoryId }) => [agentInfo.id, repositoryId]));
  const agents = await tx.agent.findMany({
    where: { id: { in: [...wanted.keys()] }, pairingId, deletionAskedAt: null },
    include: { repository: { select: { name: true } } },
  });
  const elsewhere = agents.find(({ id, repositoryId }) => wanted.get(id) !== repositoryId);
  if (elsewhere)
    throw conflict(`Agent "${elsewhere.name}" is replicated to repository "${elsewhere.repository.name}" already.`);
  return new Set(agents.map(({ id }) => id));
}
