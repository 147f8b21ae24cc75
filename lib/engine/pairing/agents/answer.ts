import "server-only";
import type { Tx } from "@/lib/db/client";
import { withTransaction } from "@/lib/db/transaction";
import { writeAudit } from "@/lib/engine/audit";
import { actorName, type EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";
import { guard } from "@/lib/engine/protection/guard";
import { conflict, notFound } from "@/lib/errors";
import { assertRepositories } from "../approve";
import { lockPairing, SUMMARY, type SummaryRow, summaryOf } from "../internal";
import type { PairingSummary } from "../schemas";
import { takeAgents } from "../take-agents";
import type { ApproveAgentsInput, DenyAgentsInput } from "./schemas";

/**
 * On the target: takes agents in that an established peer asked for, each into its repository with its quota; the source begins
 * by itself. Of two who answer, one does. Throws conflict when one was answered already or belongs to somebody else; then none is taken. Protected.
 */
export async function approveAgents(ctx: EngineContext, input: ApproveAgentsInput): Promise<PairingSummary> {
  const agentIds = input.agents.map(({ agentId }) => agentId);
  await guardAgents(ctx, input, agentIds);
  return answer(ctx, input.id, agentIds, async (tx, pairing) => {
    if (!pairing.tenantId) throw conflict("This pairing has no tenant. End it and pair again.");
    await assertRepositories(tx, input.agents);
    await takeAgents(tx, ctx, { pairingId: pairing.id, tenantId: pairing.tenantId, choices: input.agents });
    await tx.pairingAgent.updateMany({
      where: { pairingId: pairing.id, agentId: { in: agentIds } },
      data: { message: "" },
    });
    await writeAudit(tx, ctx, "pairing.approve-agents", pairing.id, { agents: agentIds, peer: pairing.peerName });
  });
}

/** Looks first whether they could be taken at all: nobody shall be asked to agree to what is refused then. */
async function guardAgents(ctx: EngineContext, input: ApproveAgentsInput, agentIds: string[]): Promise<void> {
  const { id } = input;
  const pairing = await ctx.db.prisma.pairing.findUnique({ where: { id }, include: SUMMARY });
  if (!pairing) throw notFound("pairing");
  assertOpen(pairing, agentIds);
  await guard(ctx, {
    action: "pairing.approve-agents",
    subject: { kind: "pairing", id },
    title: `Take ${agentIds.length === 1 ? "1 more agent" : `${agentIds.length} more agents`} of ${pairing.peerName} in.`,
    input,
    tenantId: pairing.tenantId,
  });
}

/** On the target: refuses agents that an established peer asked for; the source shows the message. It may ask again. */
export function denyAgents(ctx: EngineContext, input: DenyAgentsInput): Promise<PairingSummary> {
  const agentIds = [...new Set(input.agentIds)];
  return answer(ctx, input.id, agentIds, async (tx, pairing) => {
    const decided = { decidedAt: ctx.now(), decidedBy: actorName(ctx.actor) };
    await tx.pairingAgent.updateMany({
      where: { pairingId: pairing.id, agentId: { in: agentIds } },
      data: { state: "denied", message: input.message, ...decided },
    });
    const detail = { agents: agentIds, peer: pairing.peerName, message: input.message };
    await writeAudit(tx, ctx, "pairing.deny-agents", pairing.id, detail);
  });
}

function answer(
  ctx: EngineContext,
  id: string,
  agentIds: readonly string[],
  work: (tx: Tx, pairing: SummaryRow) => Promise<void>,
): Promise<PairingSummary> {
  return withTransaction(ctx.db, async (tx) => {
    const pairing = await lockPairing(tx, id);
    assertOpen(pairing, agentIds);
    await work(tx, pairing);
    await emitEvent(tx, "pairing", id);
    return summaryOf(tx, id);
  });
}

function assertOpen(pairing: SummaryRow, agentIds: readonly string[]): void {
  if (pairing.side !== "target") throw conflict("This core asked for these agents; the other core answers.");
  if (pairing.state !== "established")
    throw conflict(
      pairing.state === "pending"
        ? "Answer the pairing request itself: its agents come with it."
        : "This pairing has ended; nothing can be added to it.",
    );
  if (new Set(agentIds).size !== agentIds.length) throw conflict("An agent is answered twice.");
  const rows = new Map(pairing.wantedAgents.map((row) => [row.agentId, row]));
  for (const agentId of agentIds) {
    const row = rows.get(agentId);
    if (!row) throw conflict(`The other core does not ask for agent ${agentId}.`);
    if (row.state !== "pending") throw conflict(`Agent "${row.name}" was answered already: ${row.state}.`);
  }
}
