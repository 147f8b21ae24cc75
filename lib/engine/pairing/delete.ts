import "server-only";
import type { Tx } from "@/lib/db/client";
import { withTransaction } from "@/lib/db/transaction";
import { writeAudit } from "@/lib/engine/audit";
import { actorName, type EngineContext } from "@/lib/engine/context";
import { emitEvent, emitEvents } from "@/lib/engine/events/emit";
import { dropReplicas } from "@/lib/engine/policies/replicas";
import { guard } from "@/lib/engine/protection/guard";
import { parseCertificate, spkiOf } from "@/lib/engine/trust/x509";
import { notFound } from "@/lib/errors";
import type { Caller, PeerCall } from "./caller";
import { lockPairing, type SummaryRow, summaryOf } from "./internal";
import type { DeletePairingInput, PairingSummary } from "./schemas";

/**
 * Ends a pairing, or withdraws a request, at once. With `deleteRecoveryPoints` the points that it replicated are deleted on the
 * target by a job, all but locked ones; without, they stay. On the source a job tells the target. Ending it twice is no error and
 * changes nothing, also not about the points. With points it is protected.
 */
export async function deletePairing(ctx: EngineContext, input: DeletePairingInput): Promise<PairingSummary> {
  if (input.deleteRecoveryPoints) await guardPoints(ctx, input);
  const summary = await withTransaction(ctx.db, async (tx) => {
    const pairing = await lockPairing(tx, input.id);
    await endPairing(tx, ctx, pairing, "Ended on this core.", input.deleteRecoveryPoints);
    return summaryOf(tx, input.id);
  });
  await enqueueDeletion(ctx, summary);
  if (summary.side === "source") await ctx.enqueue("poll-pairing", { pairingId: input.id }, { key: `${input.id}/end` });
  return summary;
}

/** A request has no points, and what has ended loses none. */
async function guardPoints(ctx: EngineContext, input: DeletePairingInput): Promise<void> {
  const { id } = input;
  const pairing = await ctx.db.prisma.pairing.findUnique({
    where: { id },
    select: { state: true, peerName: true, tenantId: true },
  });
  if (!pairing) throw notFound("pairing");
  if (pairing.state !== "established") return;
  await guard(ctx, {
    action: "pairing.delete",
    subject: { kind: "pairing", id },
    title: `End the pairing with ${pairing.peerName}, and delete the recovery points that it replicated.`,
    input,
    tenantId: pairing.tenantId,
  });
}

/** What was asked lies in the row; a job that is lost here is asked for again by the sweep. */
async function enqueueDeletion(ctx: EngineContext, pairing: PairingSummary): Promise<void> {
  if (pairing.side === "target" && pairing.pointDeletion && pairing.pointDeletion.endedAt === null)
    await ctx.enqueue("delete-replicated-points", { pairingId: pairing.id }, { key: pairing.id });
}

/** DeletePairing, on the target: the source ends the pairing, with or without what it replicated, or withdraws its request. */
export async function deletePairingByPeer(
  ctx: EngineContext,
  input: { deleteRecoveryPoints: boolean },
  { caller }: PeerCall,
): Promise<void> {
  const { pairingId } = caller;
  if (!pairingId) return;
  const summary = await withTransaction(ctx.db, async (tx) => {
    const pairing = await lockPairing(tx, pairingId);
    if (mayEnd(pairing, caller))
      await endPairing(tx, ctx, pairing, "Ended by the other core.", input.deleteRecoveryPoints);
    return summaryOf(tx, pairingId);
  });
  await enqueueDeletion(ctx, summary);
}

/** A key that asked may withdraw, also when it was approved a moment ago; a key that was replaced since may not. */
function mayEnd(pairing: SummaryRow, caller: Caller): boolean {
  if (caller.standing === "paired" || pairing.state !== "established") return true;
  const issued = parseCertificate(pairing.certificatePem ?? "");
  const shown = caller.certificate && parseCertificate(caller.certificate);
  return issued !== null && shown !== null && spkiOf(issued).equals(spkiOf(shown));
}

const ENDABLE: ReadonlySet<string> = new Set(["pending", "established"]);

/** Withdraws the certificates and ends the sessions. What is neither pending nor established has nothing to end, and no points to delete. */
export async function endPairing(
  tx: Tx,
  ctx: EngineContext,
  pairing: SummaryRow,
  message: string,
  deleteRecoveryPoints = false,
): Promise<void> {
  if (!ENDABLE.has(pairing.state)) return;
  const withPoints = deleteRecoveryPoints && pairing.state === "established";
  const { id } = pairing;
  const now = ctx.now();
  await tx.pairing.update({
    where: { id },
    data: {
      state: "deleted",
      message,
      decidedAt: now,
      decidedBy: actorName(ctx.actor),
      deletePointsAskedAt: withPoints ? now : null,
    },
  });
  await tx.pairingCertificate.updateMany({ where: { pairingId: id, revokedAt: null }, data: { revokedAt: now } });
  const sessions = await tx.replicationSession.findMany({ where: { pairingId: id }, select: { id: true } });
  await tx.replicationSession.updateMany({ where: { pairingId: id }, data: { state: "ended", nextRunAt: null } });
  await tx.run.updateMany({
    where: { session: { pairingId: id }, state: { in: ["queued", "running", "paused"] }, cancelRequestedAt: null },
    data: { cancelRequestedAt: now },
  });
  // What the other core was current for is captured here again. Replicas stay what they are.
  if (pairing.side === "source")
    await tx.agent.updateMany({ where: { leadPairingId: id }, data: { leadPairingId: null } });
  await dropReplicas(tx, { pairingId: id });
  await writeAudit(tx, ctx, "pairing.delete", id, {
    peer: pairing.peerName,
    message,
    deleteRecoveryPoints: withPoints,
  });
  await emitEvent(tx, "pairing", id);
  await emitEvents(
    tx,
    "session",
    sessions.map((session) => session.id),
  );
}
