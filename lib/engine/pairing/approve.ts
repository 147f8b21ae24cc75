import "server-only";
import type { Tx } from "@/lib/db/client";
import { withTransaction } from "@/lib/db/transaction";
import { writeAudit } from "@/lib/engine/audit";
import { actorName, type EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";
import { guard } from "@/lib/engine/protection/guard";
import { conflict, invalidInput, notFound } from "@/lib/errors";
import { certify } from "./certify";
import { broughtFingerprint, lockPairing, SUMMARY, type SummaryRow, summaryOf } from "./internal";
import type { ApprovePairingInput, PairingSummary } from "./schemas";
import { type Choice, takeAgents } from "./take-agents";
import { tenantFor } from "./tenant-for";

/**
 * Lets a core in: tenant → agents and their sessions → certificate → established, in one transaction. Of two who answer, one
 * does. Throws conflict when the request was answered, has expired or cannot be compared yet, and when an agent is somebody else's. Protected.
 */
export async function approvePairing(ctx: EngineContext, input: ApprovePairingInput): Promise<PairingSummary> {
  await guardApproval(ctx, input);
  return withTransaction(ctx.db, async (tx) => {
    const pairing = await lockPairing(tx, input.id);
    assertAnswerable(pairing, ctx.now());
    assertCompared(pairing, input);
    const choices = chosenAgents(pairing, input);
    await assertRepositories(tx, choices);
    if (input.acceptRepositoryId) await assertRepository(tx, input.acceptRepositoryId);
    const tenantId = await tenantFor(tx, ctx, pairing, input);
    await takeAgents(tx, ctx, { pairingId: pairing.id, tenantId, choices });
    await tx.pairingAgent.updateMany({
      where: { pairingId: pairing.id, state: "pending" },
      data: { state: "denied", decidedAt: ctx.now(), decidedBy: actorName(ctx.actor) },
    });
    await establish(tx, ctx, pairing, tenantId, input);
    return summaryOf(tx, pairing.id);
  });
}

/** Looks first whether it could be approved at all: nobody shall be asked to agree to what is refused then. */
async function guardApproval(ctx: EngineContext, input: ApprovePairingInput): Promise<void> {
  const { id, agents, tenantId = null } = input;
  const pairing = await ctx.db.prisma.pairing.findUnique({ where: { id }, include: SUMMARY });
  if (!pairing) throw notFound("pairing");
  assertAnswerable(pairing, ctx.now());
  assertCompared(pairing, input);
  chosenAgents(pairing, input);
  const count = agents.length === 1 ? "1 agent" : `${agents.length} agents`;
  const later = input.acceptRepositoryId ? ", and all that it asks for later" : "";
  await guard(ctx, {
    action: "pairing.approve",
    subject: { kind: "pairing", id },
    title: `Let ${pairing.peerName} in, with ${count}${later}. Its code: ${pairing.verificationCode || "none"}.`,
    input,
    tenantId,
  });
}

/** May somebody answer this request now? Throws conflict that says why not. */
export function assertAnswerable(pairing: SummaryRow, now: Date): void {
  if (pairing.side !== "target") throw conflict("This core sent that request; the other core answers it.");
  if (pairing.state !== "pending")
    throw conflict(`This request was answered already: ${pairing.state}${by(pairing.decidedBy)}.`);
  if (pairing.expiresAt && pairing.expiresAt <= now)
    throw conflict("This request has expired. Ask the other core to send a new one.");
  if (pairing.verificationCode === "" && pairing.certificateRequestPem !== null)
    throw conflict(
      "There is no verification code to compare yet: the other core has not finished its request. Wait a moment.",
    );
}

/** A client of the original contract knows no code: what people compare is its certificate. */
function assertCompared(pairing: SummaryRow, input: ApprovePairingInput): void {
  const fingerprint = broughtFingerprint(pairing);
  if (fingerprint !== null && input.comparedFingerprint?.toUpperCase() !== fingerprint)
    throw conflict(
      "The other core brought a certificate of its own. Compare its fingerprint with the administrator of that core, and send it as comparedFingerprint.",
    );
}

const by = (who: string | null) => (who ? ` by ${who.replace(/^account:/, "")}` : "");

function chosenAgents(pairing: SummaryRow, input: ApprovePairingInput): Choice[] {
  const wanted = new Set(pairing.wantedAgents.map((agent) => agent.agentId));
  const chosen = new Map(input.agents.map((choice) => [choice.agentId, choice]));
  if (chosen.size !== input.agents.length) throw invalidInput("An agent is chosen twice.");
  const stranger = input.agents.find((choice) => !wanted.has(choice.agentId));
  if (stranger) throw invalidInput(`The other core did not ask for agent ${stranger.agentId}.`);
  return input.agents;
}

/** Throws not_found unless every chosen repository exists. */
export async function assertRepositories(tx: Tx, choices: readonly Choice[]): Promise<void> {
  const ids = [...new Set(choices.map((choice) => choice.repositoryId))];
  if ((await tx.repository.count({ where: { id: { in: ids } } })) !== ids.length) throw notFound("repository");
}

/** Throws not_found. */
export async function assertRepository(tx: Tx, id: string): Promise<void> {
  if ((await tx.repository.count({ where: { id } })) === 0) throw notFound("repository");
}

async function establish(
  tx: Tx,
  ctx: EngineContext,
  pairing: SummaryRow,
  tenantId: string,
  input: ApprovePairingInput,
): Promise<void> {
  const certified = await certify(tx, ctx, pairing);
  const cap = input.rateCapBytesPerSecond;
  await tx.pairing.update({
    where: { id: pairing.id },
    data: {
      state: "established",
      tenantId,
      ...certified,
      rateCapBytesPerSecond: cap === null ? null : BigInt(cap),
      acceptRepositoryId: input.acceptRepositoryId,
      decidedAt: ctx.now(),
      decidedBy: actorName(ctx.actor),
      expiresAt: null,
    },
  });
  const agents = input.agents.map((choice) => choice.agentId);
  await writeAudit(tx, ctx, "pairing.approve", pairing.id, { agents, tenantId, peer: pairing.peerName });
  await emitEvent(tx, "pairing", pairing.id);
}
