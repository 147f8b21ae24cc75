import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { conflict, notFound } from "@/lib/errors";
import { approvePairing } from "./approve";
import { pairingOfNumber } from "./peers";
import { denyPairing } from "./refuse";
import type { AnswerPairingInput, PairingSummary } from "./schemas";

/**
 * Answers a request by its number: the very answer of approvePairing, with all agents of the request into one repository, or of
 * denyPairing. Of two who answer, through whatever door, one does. Throws not_found, conflict.
 */
export async function answerPairing(ctx: EngineContext, input: AnswerPairingInput): Promise<PairingSummary> {
  const pairing = await pairingOfNumber(ctx, input.number);
  if (!input.accept) return denyPairing(ctx, { id: pairing.id, message: input.message });
  const repositoryId = await repositoryOf(ctx, input.repositoryNumber);
  const agents = pairing.wantedAgents.map(({ agentId }) => ({ agentId, repositoryId, quotaBytes: null }));
  return approvePairing(ctx, { id: pairing.id, agents, rateCapBytesPerSecond: null });
}

async function repositoryOf(ctx: EngineContext, number: number | null): Promise<string> {
  const where = number === null ? {} : { number };
  const found = await ctx.db.prisma.repository.findFirst({ where, orderBy: { number: "asc" }, select: { id: true } });
  if (found) return found.id;
  if (number !== null) throw notFound("storage");
  throw conflict("This core has no repository yet. Create one first.");
}
