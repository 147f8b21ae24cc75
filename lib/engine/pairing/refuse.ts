import "server-only";
import { withTransaction } from "@/lib/db/transaction";
import { writeAudit } from "@/lib/engine/audit";
import { actorName, type EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";
import { conflict } from "@/lib/errors";
import { lockPairing, summaryOf } from "./internal";
import type { DenyPairingInput, IgnorePairingInput, PairingSummary } from "./schemas";

/** Refuses a request; the source shows the message. Throws conflict when it was answered already. */
export function denyPairing(ctx: EngineContext, input: DenyPairingInput): Promise<PairingSummary> {
  return answer(ctx, input.id, { state: "denied", message: input.message });
}

/** Dismisses a request without an answer: the source goes on waiting. `forGood`: this core is not heard again. */
export function ignorePairing(ctx: EngineContext, input: IgnorePairingInput): Promise<PairingSummary> {
  return answer(ctx, input.id, { state: input.forGood ? "blocked" : "ignored", message: "" });
}

function answer(
  ctx: EngineContext,
  id: string,
  { state, message }: { state: "denied" | "ignored" | "blocked"; message: string },
): Promise<PairingSummary> {
  return withTransaction(ctx.db, async (tx) => {
    const pairing = await lockPairing(tx, id);
    if (pairing.side !== "target") throw conflict("This core sent that request; the other core answers it.");
    if (pairing.state !== "pending") throw conflict(`This request was answered already: ${pairing.state}.`);
    const decided = { decidedAt: ctx.now(), decidedBy: actorName(ctx.actor) };
    await tx.pairing.update({ where: { id }, data: { state, message, ...decided } });
    await writeAudit(tx, ctx, `pairing.${state}`, id, { peer: pairing.peerName });
    await emitEvent(tx, "pairing", id);
    return summaryOf(tx, id);
  });
}
