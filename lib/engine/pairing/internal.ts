import "server-only";
import { X509Certificate } from "node:crypto";
import type { Tx } from "@/lib/db/client";
import type { EngineContext } from "@/lib/engine/context";
import { assertSpoken, findCore, isSpoken, PROTOCOL_VERSION, VERSION } from "@/lib/engine/core";
import { sha256, toFingerprint } from "@/lib/engine/trust";
import { parseCertificate } from "@/lib/engine/trust/x509";
import { notFound, TwincoreError } from "@/lib/errors";
import type { Prisma } from "@/prisma/generated/client";
import type { PeerGateway } from "./gateway";
import type { RemoteCoreSummaryInfo } from "./peer-schemas";
import type { PairingSummary } from "./schemas";

/** People answer within a week, or ask again. */
export const REQUEST_LIFE_MS = 7 * 24 * 3600_000;

/** What a summary is made of. */
export const SUMMARY = {
  tenant: { select: { id: true, name: true } },
  acceptRepository: { select: { id: true, name: true } },
  wantedAgents: {
    orderBy: [{ name: "asc" }, { agentId: "asc" }],
    include: { repository: { select: { id: true, name: true } } },
  },
  // Two at most count at a time.
  certificates: {
    where: { revokedAt: null },
    orderBy: { notAfter: "desc" },
    take: 4,
    select: { fingerprint: true, notBefore: true, notAfter: true, registered: true },
  },
  enrolmentTokens: { select: { id: true, name: true }, take: 1 },
} as const satisfies Prisma.PairingInclude;

export type SummaryRow = Prisma.PairingGetPayload<{ include: typeof SUMMARY }>;

export function toSummary(row: SummaryRow): PairingSummary {
  const bytes = (value: bigint | null) => (value === null ? null : Number(value));
  const instant = (value: Date | null) => value?.toISOString() ?? null;
  return {
    id: row.id,
    number: row.number,
    side: row.side,
    state: row.state,
    peerName: row.peerName,
    peerAddress: row.peerAddress,
    peerUrl: row.peerUrl,
    peerVersion: row.peerVersion,
    way: row.way,
    enrolmentToken: row.enrolmentTokens[0] ?? null,
    protocol: { version: row.peerProtocol, isSpoken: isSpoken(row.peerProtocol) },
    contactEmail: row.contactEmail,
    customerId: row.customerId,
    comments: row.comments,
    verificationCode: row.verificationCode,
    keyFingerprint: toFingerprint(row.requestKeyDigest),
    certificateFingerprint: broughtFingerprint(row),
    certificates: certificatesOf(row),
    pointDeletion: row.deletePointsAskedAt && {
      askedAt: row.deletePointsAskedAt.toISOString(),
      endedAt: instant(row.deletePointsEndedAt),
      deleted: row.pointsDeleted,
      kept: row.pointsKept,
    },
    message: row.message,
    tenant: row.tenant,
    acceptRepository: row.acceptRepository,
    rateCapBytesPerSecond: bytes(row.rateCapBytesPerSecond),
    certificateNotAfter: instant(row.certificateNotAfter),
    requestedAt: row.requestedAt.toISOString(),
    expiresAt: instant(row.expiresAt),
    decidedAt: instant(row.decidedAt),
    decidedBy: row.decidedBy,
    lastContactAt: instant(row.lastContactAt),
    wantedAgents: row.wantedAgents.map((agent) => ({
      agentId: agent.agentId,
      name: agent.name,
      hostName: agent.hostName,
      sizeBytes: Number(agent.sizeBytes),
      approved: agent.state === "approved",
      state: agent.state,
      message: agent.message,
      requestedAt: agent.requestedAt.toISOString(),
      decidedAt: instant(agent.decidedAt),
      repository: agent.repository,
      quotaBytes: bytes(agent.quotaBytes),
    })),
  };
}

/** Fingerprint of the certificate that the source brought; null for one that asks for a signature of this core. */
export function broughtFingerprint(row: {
  side: string;
  certificateRequestPem: string | null;
  certificatePem: string | null;
}): string | null {
  const certificate = row.side === "target" && row.certificateRequestPem === null && row.certificatePem;
  return certificate ? toFingerprint(sha256(new X509Certificate(certificate).raw)) : null;
}

/** The certificates that count: on the target those that it issued or took, on the source its own. */
function certificatesOf(row: SummaryRow): PairingSummary["certificates"] {
  if (row.side === "target")
    return row.certificates.map(({ fingerprint, notBefore, notAfter, registered }) => ({
      fingerprint: toFingerprint(fingerprint),
      notBefore: notBefore.toISOString(),
      notAfter: notAfter.toISOString(),
      isRegistered: registered,
    }));
  const own = row.state === "established" ? parseCertificate(row.certificatePem ?? "") : null;
  if (!own) return [];
  const [notBefore, notAfter] = [new Date(own.validFrom).toISOString(), new Date(own.validTo).toISOString()];
  return [{ fingerprint: toFingerprint(sha256(own.raw)), notBefore, notAfter, isRegistered: false }];
}

export async function summaryOf(tx: Tx, id: string): Promise<PairingSummary> {
  const row = await tx.pairing.findUnique({ where: { id }, include: SUMMARY });
  if (!row) throw notFound("pairing");
  return toSummary(row);
}

/** The row, held until the end of the transaction: whoever decides about a pairing decides alone. Throws not_found. */
export async function lockPairing(tx: Tx, id: string): Promise<SummaryRow> {
  await tx.$queryRaw`select 1 from pairing where id = ${id}::uuid for update`;
  const row = await tx.pairing.findUnique({ where: { id }, include: SUMMARY });
  if (!row) throw notFound("pairing");
  return row;
}

/** This core as it introduces itself to others. */
export async function ownIntroduction(ctx: EngineContext): Promise<RemoteCoreSummaryInfo> {
  const core = await findCore(ctx);
  const [major = 0, minor = 0, build = 0] = VERSION.split(/[.-]/).map((part) => Number.parseInt(part, 10) || 0);
  const version = { _Major: major, _Minor: minor, _Build: build, _Revision: 0 };
  return {
    hostName: core.name,
    id: core.id,
    isReplicationOnlyRepositorySupported: false,
    version,
    protocolVersion: PROTOCOL_VERSION,
  };
}

/** Throws conflict, with words for both sides, when this core and the one that introduces itself speak no common protocol. */
export async function assertPeerSpoken(ctx: EngineContext, peer: RemoteCoreSummaryInfo): Promise<void> {
  const { name } = await findCore(ctx);
  assertSpoken({ ownName: name, peerName: peer.hostName, peerProtocol: peer.protocolVersion });
}

export function versionText({ version }: RemoteCoreSummaryInfo): string {
  return `${version._Major}.${version._Minor}.${version._Build}`;
}

export function gatewayOf(ctx: EngineContext): PeerGateway {
  if (ctx.peers) return ctx.peers;
  throw new TwincoreError("internal", "This process has no way to other cores.");
}

export const sealedKeyName = (pairingId: string) => `pairing:${pairingId}`;
