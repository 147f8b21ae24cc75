import "server-only";
import type { Tx } from "@/lib/db/client";
import { withTransaction } from "@/lib/db/transaction";
import { writeAudit } from "@/lib/engine/audit";
import { actorName, type EngineContext } from "@/lib/engine/context";
import { emitEvent, emitEvents } from "@/lib/engine/events/emit";
import { parseCertificate, spkiOf } from "@/lib/engine/trust/x509";
import { invalidInput } from "@/lib/errors";
import type { Caller, PeerCall } from "./caller";
import { lockPairing, type SummaryRow, summaryOf } from "./internal";
import type { DeletePairingInput, PairingSummary } from "./schemas";

/** Ends a pairing, or withdraws a request, at once; recovery points stay. On the source a job tells the target. Ending it twice is no error. */
export async function deletePairing(ctx: EngineContext, input: DeletePairingInput): Promise<PairingSummary> {
  const summary = await withTransaction(ctx.db, async (tx) => {
    await endPairing(tx, ctx, await lockPairing(tx, input.id), "Ended on this core.");
    return summaryOf(tx, input.id);
  });
  if (summary.side === "source") await ctx.enqueue("poll-pairing", { pairingId: input.id }, { key: `${input.id}/end` });
  return summary;
}

/** DeletePairing, on the target: the source ends the pairing, or withdraws its request. */
export async function deletePairingByPeer(
  ctx: EngineContext,
  input: { deleteRecoveryPoints: boolean },
  { caller }: PeerCall,
): Promise<void> {
  const { pairingId } = caller;
  if (input.deleteRecoveryPoints)
    throw invalidInput(
      "Recovery points of this core are deleted on this core. End the pairing without deleteRecoveryPoints.",
    );
  if (!pairingId) return;
  await withTransaction(ctx.db, async (tx) => {
    const pairing = await lockPairing(tx, pairingId);
    if (mayEnd(pairing, caller)) await endPairing(tx, ctx, pairing, "Ended by the other core.");
  });
}

/** A key that asked may withdraw, also when it was approved a moment ago; a key that was replaced since may not. */
function mayEnd(pairing: SummaryRow, caller: Caller): boolean {
  if (caller.standing === "paired" || pairing.state !== "established") return true;
  const issued = parseCertificate(pairing.certificatePem ?? "");
  const shown = caller.certificate && parseCertificate(caller.certificate);
  return issued !== null && shown !== null && spkiOf(issued).equals(spkiOf(shown));
}

const ENDABLE: ReadonlySet<string> = new Set(["pending", "established"]);

/** Withdraws the certificates and ends the sessions. What is neither pending nor established has nothing to end. */
export async function endPairing(tx: Tx, ctx: EngineContext, pairing: SummaryRow, message: string): Promise<void> {
  if (!ENDABLE.has(pairing.state)) return;
  const { id } = pairing;
  const now = ctx.now();
  await tx.pairing.update({
    where: { id },
    data: { state: "deleted", message, decidedAt: now, decidedBy: actorName(ctx.actor) },
  });
  await tx.pairingCertificate.updateMany({ where: { pairingId: id, revokedAt: null }, data: { revokedAt: now } });
  const sessions = await tx.replicationSession.findMany({ where: { pairingId: id }, select: { id: true } });
  await tx.replicationSession.updateMany({ where: { pairingId: id }, data: { state: "ended", nextRunAt: null } });
  await tx.run.updateMany({
    where: { session: { pairingId: id }, state: { in: ["queued", "running", "paused"] }, cancelRequestedAt: null },
    data: { cancelRequestedAt: now },
  });
  await writeAudit(tx, ctx, "pairing.delete", id, { peer: pairing.peerName, message });
  await emitEvent(tx, "pairing", id);
  await emitEvents(
    tx,
    "session",
    sessions.map((session) => session.id),
  );
}
