import "server-only";
import { withTransaction } from "@/lib/db/transaction";
import { writeAudit } from "@/lib/engine/audit";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";
import { conflict } from "@/lib/errors";
import { lockPairing, summaryOf } from "./internal";
import type { PairingSummary, UpdatePairingInput } from "./schemas";

/** Changes the rate cap, which a run in progress follows, and the description. Throws conflict when the pairing has ended. */
export function updatePairing(ctx: EngineContext, input: UpdatePairingInput): Promise<PairingSummary> {
  return withTransaction(ctx.db, async (tx) => {
    const pairing = await lockPairing(tx, input.id);
    if (pairing.state !== "established" && pairing.state !== "pending")
      throw conflict("This pairing has ended; there is nothing to change any more.");
    const { rateCapBytesPerSecond: cap, description } = input;
    const rateCapBytesPerSecond = typeof cap === "number" ? BigInt(cap) : cap;
    await tx.pairing.update({ where: { id: input.id }, data: { rateCapBytesPerSecond, description } });
    await writeAudit(tx, ctx, "pairing.update", input.id, { rateCapBytesPerSecond: cap, description });
    await emitEvent(tx, "pairing", input.id);
    return summaryOf(tx, input.id);
  });
}
