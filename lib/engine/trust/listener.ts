import "server-only";
import { X509Certificate } from "node:crypto";
import { isIPv6 } from "node:net";
import type { Database, Tx } from "@/lib/db/client";
import { withTransaction } from "@/lib/db/transaction";
import { loadAuthority, loadSigner } from "./authority";
import { findKey, lockFor, type StoredKey, saveKey } from "./sealed-keys";
import { issueLeaf, makeKeyPair } from "./x509";

export interface ListenerCertificate {
  /** PKCS #8, PEM. */
  readonly key: string;
  /** The certificate and the CA that signed it, PEM: peers compare the CA at first contact. */
  readonly cert: string;
  readonly ca: string;
  readonly notAfter: Date;
}

export interface ListenerInput {
  readonly name: "web" | "peer" | "vendor";
  /** Names and addresses under which others reach it. */
  readonly hosts: readonly string[];
  readonly now?: Date;
}

/** Renewed when less than this part of its life is left. */
export const RENEW_BELOW = 1 / 3;
/** Nodes with names of their own share one certificate; more names than this are a mistake. */
const HOSTS_MAX = 64;

/** The certificate of a listener: made, renewed or extended by a name when needed. Nodes that share a database share it. */
export async function loadListenerCertificate(
  db: Database,
  secret: Buffer,
  { name, hosts, now = new Date() }: ListenerInput,
): Promise<ListenerCertificate> {
  const { pem: ca } = await loadAuthority(db);
  const stored = await withTransaction(db, async (tx) => {
    await lockFor(tx, `listener/${name}`);
    const found = await findKey(tx, secret, `${name}-listener`);
    if (found && isGood(found, ca, hosts, now)) return found;
    return renew(tx, secret, { name, hosts: allHosts(found, hosts), now });
  });
  const notAfter = stored.notAfter ?? now;
  return { key: stored.privatePem, cert: `${(stored.certificatePem ?? "").trimEnd()}\n${ca}`, ca, notAfter };
}

/** Is so little of its life left that it should be renewed now? */
export function isDue(certificate: { notBefore: Date; notAfter: Date }, now: Date): boolean {
  const life = certificate.notAfter.getTime() - certificate.notBefore.getTime();
  return certificate.notAfter.getTime() - now.getTime() < life * RENEW_BELOW;
}

function isGood(stored: StoredKey, ca: string, hosts: readonly string[], now: Date): boolean {
  if (!stored.certificatePem) return false;
  const certificate = new X509Certificate(stored.certificatePem);
  const life = { notBefore: new Date(certificate.validFrom), notAfter: new Date(certificate.validTo) };
  const covered = new Set(hostsOf(certificate));
  return (
    !isDue(life, now) &&
    certificate.verify(new X509Certificate(ca).publicKey) &&
    hosts.every((host) => covered.has(canonical(host)))
  );
}

async function renew(tx: Tx, secret: Buffer, { name, hosts, now }: Required<ListenerInput>): Promise<StoredKey> {
  const { keys, privatePem } = await makeKeyPair();
  const signer = await loadSigner(tx, secret);
  const common = hosts[0] ?? `twincore-${name}`;
  const leaf = await issueLeaf({ signer, publicKey: keys.publicKey, name: common, use: "server", hosts, now });
  const stored = { privatePem, certificatePem: leaf.toString("pem"), notAfter: leaf.notAfter };
  await saveKey(tx, secret, `${name}-listener`, stored);
  return stored;
}

function allHosts(stored: StoredKey | null, wanted: readonly string[]): string[] {
  const before = stored?.certificatePem ? hostsOf(new X509Certificate(stored.certificatePem)) : [];
  return [...new Set([...wanted.map(canonical), ...before])].slice(0, HOSTS_MAX);
}

/** `subjectAltName` reads "DNS:a.example, IP Address:127.0.0.1". */
function hostsOf(certificate: X509Certificate): string[] {
  return (certificate.subjectAltName ?? "")
    .split(", ")
    .map((name) => canonical(name.replace(/^(DNS|IP Address):/, "")))
    .filter(Boolean);
}

/** OpenSSL writes ::1 as 0:0:0:0:0:0:0:1. */
function canonical(host: string): string {
  return isIPv6(host) ? new URL(`https://[${host}]`).hostname.slice(1, -1) : host.toLowerCase();
}
