import "server-only";
import { X509Certificate } from "node:crypto";
import type { Database, Tx } from "@/lib/db/client";
import { TwincoreError } from "@/lib/errors";
import { sha256 } from "./fingerprint";
import { findKey, lockFor, saveKey } from "./sealed-keys";
import { importPrivateKey, issueLeaf, makeAuthority, type Signer, spkiOf, x509 } from "./x509";

const CA = "ca";

export interface Authority {
  readonly pem: string;
  readonly certificate: X509Certificate;
  /** SubjectPublicKeyInfo, DER. */
  readonly spki: Buffer;
}

/** Makes this core's CA at its first start; afterwards it stays what it is. */
export async function ensureAuthority(tx: Tx, secret: Buffer, coreName: string, now: Date): Promise<void> {
  await lockFor(tx, "authority");
  if (await findKey(tx, secret, CA)) return;
  const { pem, privatePem } = await makeAuthority(`Twincore CA ${coreName}`, now);
  const notAfter = new Date(toAuthority(pem).certificate.validTo);
  await saveKey(tx, secret, CA, { privatePem, certificatePem: pem, notAfter });
}

// The certificate of the CA is public and never changes; every request of a peer is checked against it.
const known = new WeakMap<Database, Authority>();

/** This core's CA certificate. Throws unavailable before the first start made one. */
export async function loadAuthority(db: Database): Promise<Authority> {
  const found = known.get(db);
  if (found) return found;
  // The table of keys is closed to accounts that are bound to tenants; this function tells the public half of one of them.
  const [row] = await db.prisma.$queryRaw<[{ pem: string | null }]>`select authority_certificate() as pem`;
  if (!row.pem) throw new TwincoreError("unavailable", "This core has no keys yet. Start it once.");
  const authority = toAuthority(row.pem);
  known.set(db, authority);
  return authority;
}

function toAuthority(pem: string): Authority {
  const certificate = new X509Certificate(pem);
  return { pem, certificate, spki: spkiOf(certificate) };
}

/** The CA with its key, to sign with. */
export async function loadSigner(tx: Tx, secret: Buffer): Promise<Signer> {
  const stored = await findKey(tx, secret, CA);
  if (!stored?.certificatePem) throw new TwincoreError("unavailable", "This core has no keys yet. Start it once.");
  return {
    certificate: new x509.X509Certificate(stored.certificatePem),
    key: await importPrivateKey(stored.privatePem),
  };
}

/** Signs a peer's key, for use as a TLS client only. */
export async function issueClientCertificate(
  tx: Tx,
  secret: Buffer,
  input: { publicKey: x509.PublicKey; name: string; now: Date; days?: number },
): Promise<{ pem: string; fingerprint: Uint8Array<ArrayBuffer>; notBefore: Date; notAfter: Date }> {
  const signer = await loadSigner(tx, secret);
  const certificate = await issueLeaf({ ...input, signer, use: "client" });
  const { notBefore, notAfter } = certificate;
  return { pem: certificate.toString("pem"), fingerprint: sha256(certificate.rawData), notBefore, notAfter };
}
