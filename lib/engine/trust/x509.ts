import "server-only";
// Must come before @peculiar/x509, which throws at import without it.
import "reflect-metadata";
import { createPublicKey, type KeyObject, webcrypto, X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import * as x509 from "@peculiar/x509";
import { invalidInput } from "@/lib/errors";

/** For others here: only this file knows that a polyfill must come first. */
export { x509 };

// The package's types want the DOM's Crypto; Node's is the same thing.
x509.cryptoProvider.set(webcrypto as unknown as Crypto);

const CURVE = { name: "ECDSA", namedCurve: "P-256" } as const;
const SIGNING = { name: "ECDSA", hash: "SHA-256" } as const;
const DAY_MS = 24 * 3600 * 1000;
/** Certificates begin a day early: the other core's clock may be behind ours. */
const BACKDATED_MS = DAY_MS;
const CA_DAYS = 3653;
/** Short, because they renew themselves; long enough to outlast a holiday with the power off. */
export const CERTIFICATE_DAYS = 30;
const REQUEST_DAYS = 8;
const NAME_LENGTH_MAX = 64;

export interface KeyPair {
  readonly keys: CryptoKeyPair;
  /** PKCS #8. */
  readonly privatePem: string;
}

export interface Signer {
  readonly certificate: x509.X509Certificate;
  readonly key: CryptoKey;
}

export async function makeKeyPair(): Promise<KeyPair> {
  const keys = (await webcrypto.subtle.generateKey(CURVE, true, ["sign", "verify"])) as CryptoKeyPair;
  const pkcs8 = await webcrypto.subtle.exportKey("pkcs8", keys.privateKey);
  return { keys, privatePem: x509.PemConverter.encode(pkcs8, "PRIVATE KEY") };
}

export async function importPrivateKey(pem: string): Promise<CryptoKey> {
  const [der] = x509.PemConverter.decode(pem);
  return webcrypto.subtle.importKey("pkcs8", der ?? new ArrayBuffer(0), CURVE, false, ["sign"]);
}

/** A self-signed CA that may sign leaf certificates only. */
export async function makeAuthority(name: string, now: Date): Promise<{ pem: string; privatePem: string }> {
  const { keys, privatePem } = await makeKeyPair();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    ...lifetime(now, CA_DAYS),
    name: commonName(name),
    keys,
    signingAlgorithm: SIGNING,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { pem: certificate.toString("pem"), privatePem };
}

export interface LeafInput {
  readonly signer: Signer;
  readonly publicKey: x509.PublicKeyType;
  readonly name: string;
  readonly use: "client" | "server";
  readonly hosts?: readonly string[];
  readonly now: Date;
  readonly days?: number;
}

/** A leaf certificate signed by our CA, for one use only. */
export async function issueLeaf(input: LeafInput): Promise<x509.X509Certificate> {
  const { signer, publicKey, hosts = [] } = input;
  const usage = input.use === "client" ? x509.ExtendedKeyUsage.clientAuth : x509.ExtendedKeyUsage.serverAuth;
  const names = hosts.map((host) => ({ type: isIP(host) ? ("ip" as const) : ("dns" as const), value: host }));
  return x509.X509CertificateGenerator.create({
    ...lifetime(input.now, input.days ?? CERTIFICATE_DAYS, signer.certificate.notAfter),
    subject: commonName(input.name),
    issuer: signer.certificate.subjectName,
    publicKey,
    signingKey: signer.key,
    signingAlgorithm: SIGNING,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([usage]),
      await x509.SubjectKeyIdentifierExtension.create(publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(signer.certificate.publicKey),
      ...(names.length > 0 ? [new x509.SubjectAlternativeNameExtension(names)] : []),
    ],
  });
}

/** What a source shows before it is paired: the key counts, the certificate only carries it through TLS. */
export async function makeSelfSigned(keys: CryptoKeyPair, name: string, now: Date): Promise<string> {
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    ...lifetime(now, REQUEST_DAYS),
    name: commonName(name),
    keys,
    signingAlgorithm: SIGNING,
    extensions: [new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth])],
  });
  return certificate.toString("pem");
}

export async function makeCertificateRequest(keys: CryptoKeyPair, name: string): Promise<string> {
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name: commonName(name),
    keys,
    signingAlgorithm: SIGNING,
  });
  return request.toString("pem");
}

/** A request whose signature proves that its sender holds the key, and whose key is one we sign. Throws invalid_input. */
export async function readCertificateRequest(pem: string): Promise<{ publicKey: x509.PublicKey; spki: Buffer }> {
  const request = parseRequest(pem);
  const spki = Buffer.from(request.publicKey.rawData);
  const key = publicKeyOf(spki);
  const curve = key?.asymmetricKeyDetails?.namedCurve;
  if (key?.asymmetricKeyType !== "ec" || curve !== "prime256v1")
    throw invalidInput("The certificate request must be over an elliptic-curve key on P-256.");
  if (!(await request.verify().catch(() => false)))
    throw invalidInput("The signature of the certificate request does not match its key.");
  return { publicKey: request.publicKey, spki };
}

function parseRequest(pem: string): x509.Pkcs10CertificateRequest {
  try {
    return new x509.Pkcs10CertificateRequest(pem);
  } catch {
    throw invalidInput("The certificate request is not a PKCS #10 request in PEM.");
  }
}

function publicKeyOf(spki: Buffer): KeyObject | null {
  try {
    return createPublicKey({ key: spki, format: "der", type: "spki" });
  } catch {
    return null;
  }
}

/** A certificate out of DER or PEM; null when it is none. */
export function parseCertificate(bytes: Buffer | string): X509Certificate | null {
  try {
    return new X509Certificate(bytes);
  } catch {
    return null;
  }
}

/** The SubjectPublicKeyInfo of a certificate, as DER. */
export function spkiOf(certificate: X509Certificate): Buffer {
  return certificate.publicKey.export({ type: "spki", format: "der" });
}

function lifetime(now: Date, days: number, notAfterMax?: Date) {
  const end = new Date(now.getTime() + days * DAY_MS);
  return {
    notBefore: new Date(now.getTime() - BACKDATED_MS),
    notAfter: notAfterMax && notAfterMax < end ? notAfterMax : end,
  };
}

/** X.520 gives a common name 64 characters. */
const commonName = (name: string): x509.JsonName => [{ CN: [name.slice(0, NAME_LENGTH_MAX)] }];
