import "server-only";
import { withTransaction } from "@/lib/db/transaction";
import { writeAudit } from "@/lib/engine/audit";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";
import { conflict, notFound } from "@/lib/errors";
import { lockPairing, summaryOf } from "../internal";
import type { PairingSummary } from "../schemas";
import { describeAgents } from "../send";
import { withTarget } from "../with-target";
import { writeWishes } from "./ask";
import type { AgentRequestChecks, SendAgentRequestInput, VerifyAgentRequestInput } from "./schemas";

/** On the source: what the other core says to these agents, by name, before they are asked for. Changes nothing on either side. */
export async function verifyAgentRequest(
  ctx: EngineContext,
  input: VerifyAgentRequestInput,
): Promise<AgentRequestChecks> {
  await requireEstablished(ctx, input.id);
  const agents = await describeAgents(ctx, input.agentIds);
  const question = { agents, comments: "", customerId: "", emailAddress: "" };
  return withTarget(ctx, input.id, (target) => target.verifyAddAgents(question));
}

/**
 * On the source: asks an established peer to take more agents of this core; a person there answers, for each of them. Nothing is
 * written before the target has the request: if this process dies in between, asking again finds it there. Throws unavailable
 * when the target cannot be reached, and what it answered when it refused.
 */
export async function sendAgentRequest(ctx: EngineContext, input: SendAgentRequestInput): Promise<PairingSummary> {
  const { customerId, contactEmail: emailAddress } = await requireEstablished(ctx, input.id);
  const agents = await describeAgents(ctx, input.agentIds);
  const request = { agents, comments: input.comments, customerId, emailAddress };
  await withTarget(ctx, input.id, (target) => target.addAgents(request));
  const summary = await withTransaction(ctx.db, async (tx) => {
    const pairing = await lockPairing(tx, input.id);
    if (pairing.state !== "established") throw conflict("This pairing has ended meanwhile.");
    const news = await writeWishes(tx, ctx, input.id, agents, "");
    await writeAudit(tx, ctx, "pairing.send-agents", input.id, { agents: news, peer: pairing.peerName });
    await emitEvent(tx, "pairing", input.id);
    return summaryOf(tx, input.id);
  });
  await ctx.enqueue("poll-pairing", { pairingId: input.id }, { key: `${input.id}/agents`, afterSeconds: 2 });
  return summary;
}

async function requireEstablished(ctx: EngineContext, id: string) {
  const pairing = await ctx.db.prisma.pairing.findUnique({ where: { id } });
  if (!pairing) throw notFound("pairing");
  if (pairing.side !== "source")
    throw conflict("The other core sends agents in this pairing; it asks, this core answers.");
  if (pairing.state === "established") return pairing;
  throw conflict("More agents can be asked for once the other core has let this one in.");
}
