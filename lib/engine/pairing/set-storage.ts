import "server-only";
import { withTransaction } from "@/lib/db/transaction";
import { writeAudit } from "@/lib/engine/audit";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";
import { conflict, notFound } from "@/lib/errors";
import { lockPairing, summaryOf } from "./internal";
import { pairingOfNumber } from "./peers";
import type { PairingSummary, SetPeerStorageInput } from "./schemas";

/**
 * Target: agents that a source asks for from now on are taken in at once, into this repository; those that are here stay where they
 * are. Throws not_found, conflict for a pairing that is not established or whose agents do not come here.
 */
export async function setPeerStorage(ctx: EngineContext, input: SetPeerStorageInput): Promise<PairingSummary> {
  const { id } = await pairingOfNumber(ctx, input.number);
  return withTransaction(ctx.db, async (tx) => {
    const pairing = await lockPairing(tx, id);
    if (pairing.side !== "target" || pairing.state !== "established")
      throw conflict("That system does not replicate to this core.");
    const repository = await tx.repository.findUnique({ where: { number: input.repositoryNumber } });
    if (!repository) throw notFound("storage");
    const customer = input.customerId === undefined ? {} : { customerId: input.customerId };
    await tx.pairing.update({ where: { id }, data: { acceptRepositoryId: repository.id, ...customer } });
    await writeAudit(tx, ctx, "pairing.update", id, { acceptRepositoryId: repository.id, ...customer });
    await emitEvent(tx, "pairing", id);
    return summaryOf(tx, id);
  });
}
