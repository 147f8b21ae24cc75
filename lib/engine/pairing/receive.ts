import "server-only";
import type { Tx } from "@/lib/db/client";
import { withTransaction } from "@/lib/db/transaction";
import { takeAttempt } from "@/lib/engine/accounts/throttle";
import { writeAudit } from "@/lib/engine/audit";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";
import { loadAuthority } from "@/lib/engine/trust";
import { lockFor } from "@/lib/engine/trust/sealed-keys";
import { commitTo, targetShare } from "@/lib/engine/trust/verification";
import { conflict } from "@/lib/errors";
import { type AskedKey, readAskedKey } from "./asked-key";
import type { PeerCall } from "./caller";
import { releaseCertificate } from "./certify";
import { ownIntroduction, REQUEST_LIFE_MS, versionText } from "./internal";
import type { ReplicationPairingRequest, RequestPairingOutput } from "./peer-schemas";
import { assertPairable, assertUnderCaps, findBlocked } from "./verify-ability";

/** Requests of one address in a quarter of an hour before it has to wait. */
const FREE_PER_ADDRESS = 60;

interface Asked {
  readonly key: AskedKey;
  readonly address: string;
  readonly input: ReplicationPairingRequest;
}

/**
 * RequestPairing, on the target: the request joins those that wait for an answer. Asking again with the same key renews the
 * request. A client of the original contract brings its certificate instead of a certificate request: it has no code to compare,
 * people compare that certificate's fingerprint. Throws unauthenticated without a certificate, invalid_input for one over another
 * key, conflict for a core that cannot be a source of this one, too_many_requests over the caps.
 */
export async function receivePairingRequest(
  ctx: EngineContext,
  input: ReplicationPairingRequest,
  { caller }: PeerCall,
): Promise<RequestPairingOutput> {
  await takeAttempt(ctx, `pairing-address:${caller.address.slice(0, 64)}`, FREE_PER_ADDRESS);
  const key = await readAskedKey(input, caller, { now: ctx.now(), proved: false });
  await assertPairable(ctx, input.masterCoreInfo);
  const asked = { key, address: caller.address, input };
  const pairingId = await withTransaction(ctx.db, (tx) => record(tx, ctx, asked));
  const authority = await loadAuthority(ctx.db);
  const keys = { sourceKey: key.spki, targetAuthorityKey: authority.spki };
  const commitment = commitTo(targetShare(ctx.secret, pairingId, key.spki), keys);
  return { ...(await ownIntroduction(ctx)), verificationCommitment: commitment.toString("base64") };
}

async function record(tx: Tx, ctx: EngineContext, asked: Asked): Promise<string> {
  await lockFor(tx, "pairing-requests");
  const silenced = await silence(tx, asked);
  if (silenced) return silenced;
  if (asked.key.certificatePem !== null) await releaseCertificate(tx, asked.key.certificatePem);
  const before = await tx.pairing.findFirst({
    where: { side: "target", requestKeyDigest: asked.key.digest },
    orderBy: { requestedAt: "desc" },
    select: { id: true, state: true, peerAddress: true },
  });
  if (before?.state === "established") throw conflict("This key is paired already.");
  // Anybody may have seen a certificate; only who holds its key may say something else in its name from elsewhere.
  if (before?.state === "pending" && !asked.key.isProved && before.peerAddress !== asked.address)
    throw conflict("A request with this certificate waits already. Send the new one over a connection that shows it.");
  const id = before?.state === "pending" ? await renew(tx, ctx, before.id, asked) : await insert(tx, ctx, asked);
  await emitEvent(tx, "pairing", id);
  return id;
}

/** A blocked core is answered like a pending one and heard by nobody. */
async function silence(tx: Tx, { key, address, input }: Asked): Promise<string | null> {
  const id = await findBlocked(tx, { coreId: input.masterCoreInfo.id, address, keyDigest: key.digest });
  if (id) await tx.pairing.update({ where: { id }, data: { requestKeyDigest: key.digest, verificationCode: "" } });
  return id;
}

async function insert(tx: Tx, ctx: EngineContext, asked: Asked): Promise<string> {
  await assertUnderCaps(tx, asked.address);
  const { id } = await tx.pairing.create({
    data: { side: "target", requestKeyDigest: asked.key.digest, verificationCode: "", ...columns(ctx, asked) },
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

function columns(ctx: EngineContext, { input, address, key }: Asked) {
  const now = ctx.now();
  return {
    peerCoreId: input.masterCoreInfo.id,
    peerName: input.masterCoreInfo.hostName,
    peerVersion: versionText(input.masterCoreInfo),
    peerProtocol: input.masterCoreInfo.protocolVersion ?? null,
    peerAddress: address,
    contactEmail: input.emailAddress,
    customerId: input.customerId,
    comments: input.comments,
    certificateRequestPem: key.certificateRequestPem,
    certificatePem: key.certificatePem,
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
