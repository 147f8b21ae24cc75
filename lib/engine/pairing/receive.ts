import "server-only";
import type { Tx } from "@/lib/db/client";
import { withTransaction } from "@/lib/db/transaction";
import { takeAttempt } from "@/lib/engine/accounts/throttle";
import { writeAudit } from "@/lib/engine/audit";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";
import { loadAuthority, sha256 } from "@/lib/engine/trust";
import { lockFor } from "@/lib/engine/trust/sealed-keys";
import { commitTo, targetShare } from "@/lib/engine/trust/verification";
import { parseCertificate, readCertificateRequest, spkiOf } from "@/lib/engine/trust/x509";
import { conflict, invalidInput, TwincoreError } from "@/lib/errors";
import type { PeerCall } from "./caller";
import { ownIntroduction, REQUEST_LIFE_MS, versionText } from "./internal";
import type { ReplicationPairingRequest, RequestPairingOutput } from "./peer-schemas";

/** One core needs one request; behind one address there may be a few. */
const PENDING_PER_ADDRESS_MAX = 5;
/** What a person can look through. */
const PENDING_MAX = 200;
/** Requests of one address in a quarter of an hour before it has to wait. */
const FREE_PER_ADDRESS = 60;

interface Asked {
  readonly key: Buffer;
  readonly keyDigest: Uint8Array<ArrayBuffer>;
  readonly address: string;
  readonly input: ReplicationPairingRequest;
}

/**
 * RequestPairing, on the target: the request joins those that wait for an answer. Asking again with the same key renews the
 * request. Throws unauthenticated without a certificate, invalid_input for a certificate request over another key, too_many_requests over the caps.
 */
export async function receivePairingRequest(
  ctx: EngineContext,
  input: ReplicationPairingRequest,
  { caller }: PeerCall,
): Promise<RequestPairingOutput> {
  const certificate = caller.certificate && parseCertificate(caller.certificate);
  if (!certificate)
    throw new TwincoreError("unauthenticated", "Show a client certificate: its key is what gets paired.");
  await takeAttempt(ctx, `pairing-address:${caller.address.slice(0, 64)}`, FREE_PER_ADDRESS);
  const key = spkiOf(certificate);
  const request = await readCertificateRequest(input.certificateRequest);
  if (!request.spki.equals(key))
    throw invalidInput("The certificate request must be over the key of the TLS connection.");
  const asked = { key, keyDigest: sha256(key), address: caller.address, input };
  const pairingId = await withTransaction(ctx.db, (tx) => record(tx, ctx, asked));
  const authority = await loadAuthority(ctx.db);
  const keys = { sourceKey: key, targetAuthorityKey: authority.spki };
  const commitment = commitTo(targetShare(ctx.secret, pairingId, key), keys);
  return { ...(await ownIntroduction(ctx)), verificationCommitment: commitment.toString("base64") };
}

async function record(tx: Tx, ctx: EngineContext, asked: Asked): Promise<string> {
  await lockFor(tx, "pairing-requests");
  const silenced = await findBlocked(tx, asked);
  if (silenced) return silenced;
  const before = await tx.pairing.findFirst({
    where: { side: "target", requestKeyDigest: asked.keyDigest },
    orderBy: { requestedAt: "desc" },
    select: { id: true, state: true },
  });
  if (before?.state === "established") throw conflict("This key is paired already.");
  const id = before?.state === "pending" ? await renew(tx, ctx, before.id, asked) : await insert(tx, ctx, asked);
  await emitEvent(tx, "pairing", id);
  return id;
}

/**
 * A blocked core is answered like a pending one and heard by nobody. As a core makes a new key for each request, the same core
 * id from the same address counts as the blocked one too.
 */
async function findBlocked(tx: Tx, { keyDigest, address, input }: Asked): Promise<string | null> {
  const row = await tx.pairing.findFirst({
    where: {
      side: "target",
      state: "blocked",
      OR: [{ requestKeyDigest: keyDigest }, { peerCoreId: input.masterCoreInfo.id, peerAddress: address }],
    },
    select: { id: true },
  });
  if (!row) return null;
  await tx.pairing.update({ where: { id: row.id }, data: { requestKeyDigest: keyDigest, verificationCode: "" } });
  return row.id;
}

async function insert(tx: Tx, ctx: EngineContext, asked: Asked): Promise<string> {
  const where = { side: "target", state: "pending" } as const;
  const ofAddress = await tx.pairing.count({ where: { ...where, peerAddress: asked.address } });
  if (ofAddress >= PENDING_PER_ADDRESS_MAX || (await tx.pairing.count({ where })) >= PENDING_MAX)
    throw new TwincoreError(
      "too_many_requests",
      "Too many pairing requests wait for an answer on this core. Ask its administrator to answer or ignore them.",
      { retryAfterSeconds: 3600 },
    );
  const { id } = await tx.pairing.create({
    data: { side: "target", requestKeyDigest: asked.keyDigest, verificationCode: "", ...columns(ctx, asked) },
  });
  await tx.pairingAgent.createMany({ data: wantedAgents(id, asked.input) });
  await writeAudit(tx, ctx, "pairing.request", id, { from: asked.address, name: asked.input.masterCoreInfo.hostName });
  return id;
}

async function renew(tx: Tx, ctx: EngineContext, id: string, asked: Asked): Promise<string> {
  await tx.pairing.update({ where: { id }, data: columns(ctx, asked) });
  await tx.pairingAgent.deleteMany({ where: { pairingId: id } });
  await tx.pairingAgent.createMany({ data: wantedAgents(id, asked.input) });
  return id;
}

function columns(ctx: EngineContext, { input, address }: Asked) {
  const now = ctx.now();
  return {
    peerCoreId: input.masterCoreInfo.id,
    peerName: input.masterCoreInfo.hostName,
    peerVersion: versionText(input.masterCoreInfo),
    peerAddress: address,
    contactEmail: input.emailAddress,
    customerId: input.customerId,
    comments: input.comments,
    certificateRequestPem: input.certificateRequest,
    requestedAt: now,
    expiresAt: new Date(now.getTime() + REQUEST_LIFE_MS),
    lastContactAt: now,
  };
}

function wantedAgents(pairingId: string, input: ReplicationPairingRequest) {
  const distinct = new Map(input.agents.map((agent) => [agent.id, agent]));
  return [...distinct.values()].map((agent) => ({
    pairingId,
    agentId: agent.id,
    name: agent.displayName,
    hostName: agent.hostName,
    sizeBytes: BigInt(agent.size),
  }));
}
