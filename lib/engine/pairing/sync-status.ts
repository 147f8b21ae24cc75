import "server-only";
import { withTransaction } from "@/lib/db/transaction";
import { writeAudit } from "@/lib/engine/audit";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";
import { loadAuthority, sha256 } from "@/lib/engine/trust";
import { issueClientCertificate } from "@/lib/engine/trust/authority";
import { targetShare, verificationCode } from "@/lib/engine/trust/verification";
import { parseCertificate, readCertificateRequest, spkiOf } from "@/lib/engine/trust/x509";
import { notFound, TwincoreError } from "@/lib/errors";
import type { AgentRequestState, PairingState } from "@/prisma/generated/enums";
import type { PeerCall } from "./caller";
import { lockPairing, ownIntroduction, SUMMARY, type SummaryRow } from "./internal";
import type { MasterCorePairingStatus, ReplicationPairingStatus } from "./peer-schemas";
import { hearProtocol } from "./protocol";

/** What the source is told. A request that was ignored or blocked looks like one that nobody has read yet. */
const TOLD: Record<PairingState, ReplicationPairingStatus["pairingState"]> = {
  pending: "Pending",
  ignored: "Pending",
  blocked: "Pending",
  established: "Established",
  denied: "Rejected",
  expired: "Rejected",
  deleted: "Deleted",
};

/**
 * SyncPairingStatus, on the target: takes the source's share of the verification code, tells what became of the request, hands
 * out the certificate once it was approved, and a new one when a paired core asks for it. Throws conflict with detail "protocol"
 * when the two cores speak none in common.
 */
export async function syncPairingStatus(
  ctx: EngineContext,
  input: MasterCorePairingStatus,
  { caller }: PeerCall,
): Promise<ReplicationPairingStatus> {
  const { pairingId } = caller;
  if (!pairingId) throw notFound("pairing");
  await hearProtocol(ctx, pairingId, input.protocolVersion);
  const share = input.verificationShare ? await takeShare(ctx, pairingId, input.verificationShare, caller) : undefined;
  if (input.certificateRequest) await renewCertificate(ctx, pairingId, input.certificateRequest, caller);
  const row = await ctx.db.prisma.pairing.update({
    where: { id: pairingId },
    data: { lastContactAt: ctx.now() },
    include: SUMMARY,
  });
  return { ...(await statusOf(ctx, row)), verificationShare: share };
}

async function statusOf(ctx: EngineContext, row: SummaryRow): Promise<ReplicationPairingStatus> {
  const established = row.state === "established" && row.certificatePem !== null;
  const told = TOLD[row.state];
  return {
    pairingState: told,
    remoteCoreSummaryInfo: await ownIntroduction(ctx),
    message: told === "Pending" ? "" : row.message,
    ...(established && {
      certificate: row.certificatePem ?? undefined,
      certificateAuthority: (await loadAuthority(ctx.db)).pem,
    }),
    agents: toAgentPairings(row.wantedAgents, told),
  };
}

/** What became of each agent that was asked for, by what is told of the pairing. */
export function toAgentPairings(
  agents: readonly { agentId: string; state: AgentRequestState; message: string }[],
  told: ReplicationPairingStatus["pairingState"],
): ReplicationPairingStatus["agents"] {
  const agentState = (state: AgentRequestState) =>
    state === "approved" ? "Established" : state === "pending" && told !== "Rejected" ? "Pending" : "Rejected";
  return agents.map(({ agentId, state, message }) => ({
    agentId,
    agentPairingState: agentState(state),
    message: state === "denied" ? message : "",
  }));
}

/** The first share that a request's own key sends makes the code; later ones change nothing. Answers with ours, which was promised before. */
async function takeShare(
  ctx: EngineContext,
  pairingId: string,
  sourceShare: string,
  caller: PeerCall["caller"],
): Promise<string | undefined> {
  const certificate = caller.certificate && parseCertificate(caller.certificate);
  if (!certificate) return undefined;
  const sourceKey = spkiOf(certificate);
  const ours = targetShare(ctx.secret, pairingId, sourceKey);
  const { spki: targetAuthorityKey } = await loadAuthority(ctx.db);
  const shares = { source: Buffer.from(sourceShare, "base64"), target: ours };
  const code = verificationCode({ sourceKey, targetAuthorityKey }, shares);
  return withTransaction(ctx.db, async (tx) => {
    const where = { id: pairingId, requestKeyDigest: sha256(sourceKey) };
    const first = await tx.pairing.updateMany({
      where: { ...where, verificationCode: "", state: { in: ["pending", "blocked"] } },
      data: { verificationCode: code },
    });
    if (first.count > 0) await emitEvent(tx, "pairing", pairingId);
    return (await tx.pairing.count({ where })) > 0 ? ours.toString("base64") : undefined;
  });
}

/**
 * Signs a new key of a paired source. The certificate it came with goes on until its end, so that work in flight is not cut; any
 * other is withdrawn, so that at most two count at a time, however often an answer is lost.
 */
async function renewCertificate(
  ctx: EngineContext,
  pairingId: string,
  certificateRequest: string,
  caller: PeerCall["caller"],
): Promise<void> {
  if (caller.standing !== "paired" || !caller.certificate)
    throw new TwincoreError("unauthenticated", "Only a paired core gets a new certificate.");
  const shown = sha256(caller.certificate);
  const { publicKey } = await readCertificateRequest(certificateRequest);
  await withTransaction(ctx.db, async (tx) => {
    const pairing = await lockPairing(tx, pairingId);
    if (pairing.state !== "established") throw new TwincoreError("unauthenticated", "This pairing was ended.");
    const issued = await issueClientCertificate(tx, ctx.secret, { publicKey, name: pairing.peerName, now: ctx.now() });
    const { fingerprint, notBefore, notAfter, pem } = issued;
    await tx.pairingCertificate.updateMany({
      where: { pairingId, revokedAt: null, fingerprint: { not: shown } },
      data: { revokedAt: ctx.now() },
    });
    await tx.pairingCertificate.create({ data: { fingerprint, pairingId, notBefore, notAfter } });
    await tx.pairing.update({ where: { id: pairingId }, data: { certificatePem: pem, certificateNotAfter: notAfter } });
    await writeAudit(tx, ctx, "pairing.renew-certificate", pairingId, { notAfter: notAfter.toISOString() });
    await emitEvent(tx, "pairing", pairingId);
  });
}
