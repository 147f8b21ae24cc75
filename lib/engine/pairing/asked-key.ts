import "server-only";
import type { X509Certificate } from "node:crypto";
import { sha256 } from "@/lib/engine/trust";
import { parseCertificate, readCertificateRequest, spkiOf } from "@/lib/engine/trust/x509";
import { invalidInput, TwincoreError } from "@/lib/errors";
import type { PeerCall } from "./caller";

/** The key with which a core asks to be paired, and what its certificate will come from: one of the two is not null. */
export interface AskedKey {
  /** SubjectPublicKeyInfo, DER. */
  readonly spki: Buffer;
  readonly digest: Uint8Array<ArrayBuffer>;
  readonly certificateRequestPem: string | null;
  /** Brought by a client of the original contract. */
  readonly certificatePem: string | null;
  /** Did the TLS connection prove that the caller holds it? */
  readonly isProved: boolean;
}

interface Asked {
  readonly certificateRequest?: string;
  readonly clientCertificate?: string;
}

/**
 * Which key asks. A certificate request must be over the key that the TLS connection proved. A brought certificate may come over
 * a connection that shows none, as the original contract has it, unless `proved`; another one than the connection's is refused.
 * Throws unauthenticated without a certificate where one is needed, invalid_input for what cannot be used.
 */
export async function readAskedKey(
  asked: Asked,
  caller: PeerCall["caller"],
  { now, proved }: { now: Date; proved: boolean },
): Promise<AskedKey> {
  const shown = caller.certificate && parseCertificate(caller.certificate);
  if (!shown && (proved || asked.certificateRequest))
    throw new TwincoreError("unauthenticated", "Show a client certificate: its key is what gets paired.");
  if (asked.certificateRequest) {
    const { spki } = await readCertificateRequest(asked.certificateRequest);
    if (shown && !spki.equals(spkiOf(shown)))
      throw invalidInput("The certificate request must be over the key of the TLS connection.");
    return keyOf(spki, true, { certificateRequestPem: asked.certificateRequest });
  }
  if (!asked.clientCertificate)
    throw invalidInput("Send a certificateRequest (PKCS #10) or a clientCertificate: its key is what gets paired.");
  const brought = readBrought(asked.clientCertificate, now);
  const spki = spkiOf(brought);
  if (shown && !spki.equals(spkiOf(shown)))
    throw invalidInput("The clientCertificate must be over the key of the TLS connection.");
  return keyOf(spki, shown !== null, { certificatePem: brought.toString() });
}

const keyOf = (spki: Buffer, isProved: boolean, from: Partial<AskedKey>): AskedKey => ({
  spki,
  digest: sha256(spki),
  certificateRequestPem: null,
  certificatePem: null,
  isProved,
  ...from,
});

/** PEM, or base64 of the DER with whatever line breaks. Throws invalid_input that says what is wrong with it. */
function readBrought(text: string, now: Date): X509Certificate {
  const certificate = text.includes("-----BEGIN")
    ? parseCertificate(text)
    : parseCertificate(Buffer.from(text.replaceAll(/\s/g, ""), "base64"));
  if (!certificate) throw invalidInput("The clientCertificate is neither PEM nor base64 of a certificate's DER.");
  if (!isStrong(certificate))
    throw invalidInput("The clientCertificate's key is too weak: RSA of 2048 bits, a NIST curve or Ed25519 at least.");
  if (new Date(certificate.validFrom) > now || new Date(certificate.validTo) <= now)
    throw invalidInput("The clientCertificate is not valid now. Make a new one, or set the clocks right.");
  return certificate;
}

const CURVES: ReadonlySet<string> = new Set(["prime256v1", "secp384r1", "secp521r1"]);
/** Larger ones only cost this core time at each handshake. */
const RSA_BITS = { min: 2048, max: 8192 } as const;

function isStrong({ publicKey }: X509Certificate): boolean {
  const details = publicKey.asymmetricKeyDetails;
  switch (publicKey.asymmetricKeyType) {
    case "rsa":
      return (details?.modulusLength ?? 0) >= RSA_BITS.min && (details?.modulusLength ?? 0) <= RSA_BITS.max;
    case "ec":
      return CURVES.has(details?.namedCurve ?? "");
    default:
      return publicKey.asymmetricKeyType === "ed25519";
  }
}
