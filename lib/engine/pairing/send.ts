import "server-only";
import { randomBytes, type X509Certificate } from "node:crypto";
import { withTransaction } from "@/lib/db/transaction";
import { writeAudit } from "@/lib/engine/audit";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";
import { sha256 } from "@/lib/engine/trust";
import { saveKey } from "@/lib/engine/trust/sealed-keys";
import { isCommittedShare, SHARE_BYTES, verificationCode } from "@/lib/engine/trust/verification";
import {
  makeCertificateRequest,
  makeKeyPair,
  makeSelfSigned,
  parseCertificate,
  readCertificateRequest,
  spkiOf,
} from "@/lib/engine/trust/x509";
import { integrity, invalidInput, notFound, TwincoreError } from "@/lib/errors";
import {
  assertPeerSpoken,
  gatewayOf,
  ownIntroduction,
  REQUEST_LIFE_MS,
  sealedKeyName,
  summaryOf,
  versionText,
} from "./internal";
import type { ReplicationPairingRequest, RequestPairingOutput } from "./peer-schemas";
import type { PairingSummary, SendPairingRequestInput } from "./schemas";

/** The key with which this core asks; fresh for every request, so that nobody can have seen it before. */
export interface Identity {
  readonly privatePem: string;
  readonly certificatePem: string;
  readonly requestPem: string;
  readonly spki: Buffer;
}

/** What the target showed and said. */
interface Introduction {
  readonly answer: RequestPairingOutput;
  readonly authorityPem: string;
  readonly code: string;
}

/**
 * Asks another core to take agents of this one: new key → RequestPairing → compare shares → one row. Nothing is written before
 * the target has the request. Throws unavailable when the target cannot be reached, and what it answered when it refused.
 */
export async function sendPairingRequest(ctx: EngineContext, input: SendPairingRequestInput): Promise<PairingSummary> {
  const targetUrl = new URL(input.targetUrl).origin;
  const agents = await describeAgents(ctx, input.agentIds);
  const own = await ownIntroduction(ctx);
  const identity = await makeIdentity(own.hostName, ctx.now());
  const request: ReplicationPairingRequest = {
    masterCoreInfo: own,
    certificateRequest: identity.requestPem,
    emailAddress: input.contactEmail,
    customerId: input.customerId,
    comments: input.comments,
    agents,
  };
  const introduction = await introduce(ctx, targetUrl, identity, request);
  const id = await record(ctx, { input, targetUrl, identity, introduction, agents });
  await ctx.enqueue("poll-pairing", { pairingId: id }, { key: `${id}/0`, afterSeconds: 2 });
  return summaryOf(ctx.db.prisma, id);
}

/** A fresh key with what carries it: a self-signed certificate for TLS, and a request to sign. */
export async function makeIdentity(name: string, now: Date): Promise<Identity> {
  const { keys, privatePem } = await makeKeyPair();
  const requestPem = await makeCertificateRequest(keys, name);
  const { spki } = await readCertificateRequest(requestPem);
  return { privatePem, requestPem, spki, certificatePem: await makeSelfSigned(keys, name, now) };
}

/** Agents of this core as another one is told of them. Throws not_found when one is not of this core, or is being deleted. */
export async function describeAgents(
  ctx: EngineContext,
  agentIds: readonly string[],
): Promise<ReplicationPairingRequest["agents"]> {
  const ids = [...new Set(agentIds)];
  const rows = await ctx.db.prisma.$queryRaw<{ id: string; name: string; host_name: string; size: bigint }[]>`
    select agent.id, agent.name, agent.host_name, coalesce(newest.logical_bytes, 0)::bigint as size
    from agent left join lateral (
      select logical_bytes from recovery_point where agent_id = agent.id order by created_at desc limit 1
    ) as newest on true
    where agent.id = any(${ids}::uuid[]) and agent.pairing_id is null and agent.kind = 'machine'
      and agent.deletion_asked_at is null`;
  if (rows.length !== ids.length) throw notFound("agent of this core");
  return rows.map(({ id, name, host_name, size }) => ({
    id,
    displayName: name,
    hostName: host_name,
    size: Number(size),
  }));
}

/** Request, then shares: the target promises its share before it hears ours, and shows it after. lib/peer/README.md says why. */
async function introduce(
  ctx: EngineContext,
  url: string,
  identity: Identity,
  request: ReplicationPairingRequest,
): Promise<Introduction> {
  const credentials = { url, key: identity.privatePem, cert: identity.certificatePem };
  const first = gatewayOf(ctx).open({ ...credentials, ca: "first-contact" });
  const { answer, authority } = await first
    .requestPairing(request)
    .then((answer) => ({ answer, authority: authorityOf(first.chain) }))
    .finally(() => first.close());
  if (answer.id === request.masterCoreInfo.id)
    throw invalidInput("That is the address of this core itself. Give the other core's address.");
  await assertPeerSpoken(ctx, answer);
  const authorityPem = authority.toString();
  // From here on only what that CA signed is trusted.
  const second = gatewayOf(ctx).open({ ...credentials, ca: authorityPem });
  const source = randomBytes(SHARE_BYTES);
  const status = await second
    .syncPairingStatus({ verificationShare: source.toString("base64") })
    .finally(() => second.close());
  const target = Buffer.from(status.verificationShare ?? "", "base64");
  const keys = { sourceKey: identity.spki, targetAuthorityKey: spkiOf(authority) };
  if (!isCommittedShare(Buffer.from(answer.verificationCommitment, "base64"), target, keys))
    throw integrity(
      "The other core's part of the verification code is not the one it promised. Something between the two cores changes what they say; do not pair over this network.",
    );
  return { answer, authorityPem, code: verificationCode(keys, { source, target }) };
}

/** The CA at the end of what a peer listener shows. It must have signed the certificate whose key the connection proved. */
export function authorityOf(chain: readonly Buffer[]): X509Certificate {
  const [leaf, authority] = chain.map((der) => parseCertificate(der));
  if (leaf && authority?.ca && leaf.verify(authority.publicKey) && authority.verify(authority.publicKey))
    return authority;
  throw new TwincoreError(
    "unavailable",
    "What answers at that address is no peer listener of a Twincore: it does not show a CA of its own. Check the address and the port.",
  );
}

async function record(
  ctx: EngineContext,
  made: {
    input: SendPairingRequestInput;
    targetUrl: string;
    identity: Identity;
    introduction: Introduction;
    agents: ReplicationPairingRequest["agents"];
  },
): Promise<string> {
  const { input, targetUrl, identity, introduction, agents } = made;
  const { answer, authorityPem, code } = introduction;
  const now = ctx.now();
  return withTransaction(ctx.db, async (tx) => {
    const { id } = await tx.pairing.create({
      data: {
        side: "source",
        peerCoreId: answer.id,
        peerName: answer.hostName,
        peerVersion: versionText(answer),
        peerProtocol: answer.protocolVersion ?? null,
        peerUrl: targetUrl,
        peerCaPem: authorityPem,
        contactEmail: input.contactEmail,
        customerId: input.customerId,
        comments: input.comments,
        requestKeyDigest: sha256(identity.spki),
        verificationCode: code,
        certificateRequestPem: identity.requestPem,
        requestedAt: now,
        expiresAt: new Date(now.getTime() + REQUEST_LIFE_MS),
        lastContactAt: now,
      },
    });
    await saveKey(tx, ctx.secret, sealedKeyName(id), identity);
    await tx.pairingAgent.createMany({
      data: agents.map((agent) => ({
        pairingId: id,
        agentId: agent.id,
        name: agent.displayName,
        hostName: agent.hostName,
        sizeBytes: BigInt(agent.size),
      })),
    });
    await writeAudit(tx, ctx, "pairing.send", id, { to: targetUrl, peer: answer.hostName });
    await emitEvent(tx, "pairing", id);
    return id;
  });
}
