import "server-only";
import { withTransaction } from "@/lib/db/transaction";
import { writeAudit } from "@/lib/engine/audit";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";
import { guard } from "@/lib/engine/protection/guard";
import { conflict, notFound } from "@/lib/errors";
import { assertRepository } from "./approve";
import { lockPairing, summaryOf } from "./internal";
import type { PairingSummary, UpdatePairingInput } from "./schemas";

/**
 * Changes the rate cap, which a run in progress follows, the description, and on the target where agents go that the source asks for
 * later, which is protected. Throws not_found for a repository, conflict when the pairing has ended.
 */
export async function updatePairing(ctx: EngineContext, input: UpdatePairingInput): Promise<PairingSummary> {
  if (input.acceptRepositoryId) await guardAcceptance(ctx, input);
  return withTransaction(ctx.db, async (tx) => {
    const pairing = await lockPairing(tx, input.id);
    if (pairing.state !== "established" && pairing.state !== "pending")
      throw conflict("This pairing has ended; there is nothing to change any more.");
    const { rateCapBytesPerSecond: cap, description, acceptRepositoryId } = input;
    if (acceptRepositoryId !== undefined && pairing.side !== "target")
      throw conflict("The other core takes agents in within this pairing; say it there.", "wrong-side");
    if (acceptRepositoryId) await assertRepository(tx, acceptRepositoryId);
    const rateCapBytesPerSecond = typeof cap === "number" ? BigInt(cap) : cap;
    await tx.pairing.update({
      where: { id: input.id },
      data: { rateCapBytesPerSecond, description, acceptRepositoryId },
    });
    await writeAudit(tx, ctx, "pairing.update", input.id, {
      rateCapBytesPerSecond: cap,
      description,
      acceptRepositoryId,
    });
    await emitEvent(tx, "pairing", input.id);
    return summaryOf(tx, input.id);
  });
}

/** To take in whatever is asked for later is to approve it in advance. */
async function guardAcceptance(ctx: EngineContext, input: UpdatePairingInput): Promise<void> {
  const { id } = input;
  const pairing = await ctx.db.prisma.pairing.findUnique({
    where: { id },
    select: { peerName: true, tenantId: true, acceptRepositoryId: true },
  });
  if (!pairing) throw notFound("pairing");
  if (pairing.acceptRepositoryId === input.acceptRepositoryId) return;
  await guard(ctx, {
    action: "pairing.update",
    subject: { kind: "pairing", id },
    title: `Take in at once, from now on, whatever agents ${pairing.peerName} asks for.`,
    input,
    tenantId: pairing.tenantId,
  });
}
