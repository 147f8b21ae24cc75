import "server-only";
import { X509Certificate } from "node:crypto";
import { withTransaction } from "@/lib/db/transaction";
import { writeAudit } from "@/lib/engine/audit";
import type { EngineContext } from "@/lib/engine/context";
import { PROTOCOL_VERSION } from "@/lib/engine/core";
import { emitEvent } from "@/lib/engine/events/emit";
import { isDue } from "@/lib/engine/trust";
import { saveKey } from "@/lib/engine/trust/sealed-keys";
import {
  makeCertificateRequest,
  makeKeyPair,
  parseCertificate,
  readCertificateRequest,
  spkiOf,
} from "@/lib/engine/trust/x509";
import { integrity, toTwincoreError } from "@/lib/errors";
import { loadCredentials } from "./credentials";
import { gatewayOf, lockPairing, ownIntroduction, sealedKeyName } from "./internal";
import { pollPairing } from "./poll";

const DAY_MS = 24 * 3600_000;
/** Days before its end from which every round speaks of a certificate that could not be renewed: half of its life. */
const WARN_DAYS = 14;

/**
 * The daily care of every pairing in which this core is the source: asks whether it still holds, and gets a new certificate in
 * the last third of the old one's life. One that fails waits for the next round and does not hold up the others.
 */
export async function renewCertificates(ctx: EngineContext): Promise<void> {
  const pairings = await ctx.db.prisma.pairing.findMany({
    where: { side: "source", state: "established" },
    select: { id: true, certificatePem: true, peerName: true },
    orderBy: { certificateNotAfter: "asc" },
  });
  for (const { id, certificatePem, peerName } of pairings) {
    const certificate = new X509Certificate(certificatePem ?? "");
    const life = { notBefore: new Date(certificate.validFrom), notAfter: new Date(certificate.validTo) };
    const work = isDue(life, ctx.now()) ? renewCertificate : pollPairing;
    await work(ctx, { pairingId: id }).catch((thrown: unknown) => warn(ctx, { id, peerName, ...life }, thrown));
  }
}

async function warn(
  ctx: EngineContext,
  pairing: { id: string; peerName: string; notAfter: Date },
  thrown: unknown,
): Promise<void> {
  const reason = toTwincoreError(thrown).message;
  const days = Math.floor((pairing.notAfter.getTime() - ctx.now().getTime()) / DAY_MS);
  ctx.log.warn(
    { pairingId: pairing.id, peer: pairing.peerName, daysLeft: days, reason },
    "a pairing could not be cared for",
  );
  if (days > WARN_DAYS) return;
  const message =
    days < 0
      ? `The certificate lapsed on ${pairing.notAfter.toISOString().slice(0, 10)}. Send a new pairing request.`
      : `The certificate ends on ${pairing.notAfter.toISOString().slice(0, 10)}, in ${days === 1 ? "1 day" : `${days} days`}, and could not be renewed: ${reason}`;
  await withTransaction(ctx.db, async (tx) => {
    await tx.pairing.updateMany({ where: { id: pairing.id, state: "established" }, data: { message } });
    await emitEvent(tx, "pairing", pairing.id);
  });
}

/** A new key and a new certificate over the existing channel. The old certificate goes on until its end, for what is under way. */
export async function renewCertificate(ctx: EngineContext, { pairingId }: { pairingId: string }): Promise<void> {
  const credentials = await loadCredentials(ctx, pairingId);
  const { keys, privatePem } = await makeKeyPair();
  const certificateRequest = await makeCertificateRequest(keys, (await ownIntroduction(ctx)).hostName);
  const { spki } = await readCertificateRequest(certificateRequest);
  const target = gatewayOf(ctx).open(credentials);
  const status = await target
    .syncPairingStatus({ certificateRequest, protocolVersion: PROTOCOL_VERSION })
    .finally(() => target.close());
  const certificate = parseCertificate(status.certificate ?? "");
  const authority = new X509Certificate(credentials.ca);
  if (!certificate || !spkiOf(certificate).equals(spki) || !certificate.verify(authority.publicKey))
    throw integrity("The new certificate is not over this core's new key, or not by the other core's CA.");
  await withTransaction(ctx.db, async (tx) => {
    const pairing = await lockPairing(tx, pairingId);
    if (pairing.state !== "established") return;
    const certificatePem = certificate.toString();
    const notAfter = new Date(certificate.validTo);
    await saveKey(tx, ctx.secret, sealedKeyName(pairingId), { privatePem, certificatePem, notAfter });
    const data = { certificatePem, certificateNotAfter: notAfter, lastContactAt: ctx.now(), message: "" };
    await tx.pairing.update({ where: { id: pairingId }, data });
    await writeAudit(tx, ctx, "pairing.renew-certificate", pairingId, { notAfter: notAfter.toISOString() });
    await emitEvent(tx, "pairing", pairingId);
  });
}
