import "server-only";
import { X509Certificate } from "node:crypto";
import type { Tx } from "@/lib/db/client";
import type { EngineContext } from "@/lib/engine/context";
import { sha256 } from "@/lib/engine/trust";
import { issueClientCertificate } from "@/lib/engine/trust/authority";
import { readCertificateRequest } from "@/lib/engine/trust/x509";
import { conflict } from "@/lib/errors";

interface Certified {
  readonly certificatePem: string;
  readonly certificateNotAfter: Date;
}

interface Uncertified {
  readonly id: string;
  readonly peerName: string;
  readonly certificateRequestPem: string | null;
  readonly certificatePem: string | null;
}

/**
 * Makes the certificate of a pairing count: signs the key of its request, or takes the one that the source brought as it is.
 * Throws conflict when another established pairing has that one.
 */
export async function certify(tx: Tx, ctx: EngineContext, pairing: Uncertified): Promise<Certified> {
  const { id: pairingId, peerName: name } = pairing;
  if (pairing.certificateRequestPem === null) return register(tx, pairingId, pairing.certificatePem ?? "");
  const { publicKey } = await readCertificateRequest(pairing.certificateRequestPem);
  const issued = await issueClientCertificate(tx, ctx.secret, { publicKey, name, now: ctx.now() });
  const { fingerprint, notBefore, notAfter, pem } = issued;
  await tx.pairingCertificate.create({ data: { fingerprint, pairingId, notBefore, notAfter } });
  return { certificatePem: pem, certificateNotAfter: notAfter };
}

async function register(tx: Tx, pairingId: string, pem: string): Promise<Certified> {
  const certificate = new X509Certificate(pem);
  const fingerprint = sha256(certificate.raw);
  await releaseCertificate(tx, pem);
  if (await tx.pairingCertificate.findUnique({ where: { fingerprint }, select: { pairingId: true } }))
    throw conflict("This certificate is paired with this core already. End that pairing first.");
  const [notBefore, notAfter] = [new Date(certificate.validFrom), new Date(certificate.validTo)];
  await tx.pairingCertificate.create({ data: { fingerprint, pairingId, notBefore, notAfter, registered: true } });
  return { certificatePem: certificate.toString(), certificateNotAfter: notAfter };
}

/** Lets a brought certificate ask again: of a pairing that has ended it says nothing any more. */
export async function releaseCertificate(tx: Tx, pem: string): Promise<void> {
  const fingerprint = sha256(new X509Certificate(pem).raw);
  await tx.pairingCertificate.deleteMany({ where: { fingerprint, pairing: { state: { not: "established" } } } });
}
