import "server-only";
import { withTransaction } from "@/lib/db/transaction";
import { writeAudit } from "@/lib/engine/audit";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";
import { conflict } from "@/lib/errors";
import { assertRepository } from "./approve";
import { lockPairing, summaryOf } from "./internal";
import type { PairingSummary, UpdatePairingInput } from "./schemas";

/**
 * Changes the rate cap, which a run in progress follows, the description, and on the target where agents go that the source asks for
 * later. Throws not_found for a repository, conflict when the pairing has ended.
 */
export function updatePairing(ctx: EngineContext, input: UpdatePairingInput): Promise<PairingSummary> {
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
