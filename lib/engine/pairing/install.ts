import "server-only";
import { X509Certificate } from "node:crypto";
import type { Tx } from "@/lib/db/client";
import { withTransaction } from "@/lib/db/transaction";
import { writeAudit } from "@/lib/engine/audit";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";
import { findKey, saveKey } from "@/lib/engine/trust/sealed-keys";
import { parseCertificate, readCertificateRequest, spkiOf } from "@/lib/engine/trust/x509";
import { integrity } from "@/lib/errors";
import { applyAnswers, startRuns } from "./agents/hear";
import { lockPairing, type SummaryRow, sealedKeyName } from "./internal";
import type { ReplicationPairingStatus } from "./peer-schemas";

/**
 * The request was approved: the signed certificate is used from now on, and replication of the accepted agents begins by itself.
 * Safe to repeat. Throws integrity when the certificate is not over our key or not by the CA that was compared.
 */
export async function installCertificate(
  ctx: EngineContext,
  { pairingId, status }: { pairingId: string; status: ReplicationPairingStatus },
): Promise<void> {
  const sessionIds = await withTransaction(ctx.db, async (tx) => {
    const pairing = await lockPairing(tx, pairingId);
    if (pairing.state !== "pending") return [];
    const certificate = await checkedCertificate(pairing, status);
    await storeCertificate(tx, ctx, pairing, certificate);
    const sessions = await applyAnswers(tx, ctx, pairing, status);
    await writeAudit(tx, ctx, "pairing.establish", pairing.id, { agents: sessions.length });
    await emitEvent(tx, "pairing", pairing.id);
    return sessions;
  });
  await startRuns(ctx, sessionIds);
}

async function checkedCertificate(pairing: SummaryRow, status: ReplicationPairingStatus): Promise<X509Certificate> {
  const certificate = parseCertificate(status.certificate ?? "");
  const authority = new X509Certificate(pairing.peerCaPem ?? "");
  const { spki } = await readCertificateRequest(pairing.certificateRequestPem ?? "");
  if (!certificate || !spkiOf(certificate).equals(spki) || !certificate.verify(authority.publicKey))
    throw integrity(
      "The certificate that the other core sent is not over this core's key, or not by the CA that was compared.",
    );
  return certificate;
}

async function storeCertificate(
  tx: Tx,
  ctx: EngineContext,
  pairing: SummaryRow,
  certificate: X509Certificate,
): Promise<void> {
  const name = sealedKeyName(pairing.id);
  const key = await findKey(tx, ctx.secret, name);
  if (!key) throw integrity("The key of this pairing request is gone. Send a new request.");
  const certificatePem = certificate.toString();
  const notAfter = new Date(certificate.validTo);
  await saveKey(tx, ctx.secret, name, { privatePem: key.privatePem, certificatePem, notAfter });
  const now = ctx.now();
  await tx.pairing.update({
    where: { id: pairing.id },
    data: {
      state: "established",
      certificatePem,
      certificateNotAfter: notAfter,
      message: "",
      decidedAt: now,
      lastContactAt: now,
      expiresAt: null,
    },
  });
}
