import "server-only";
import type { X509Certificate } from "node:crypto";
import { withTransaction } from "@/lib/db/transaction";
import { writeAudit } from "@/lib/engine/audit";
import type { EngineContext } from "@/lib/engine/context";
import { isMadeBy } from "@/lib/engine/enrolment-tokens/text";
import { emitEvent } from "@/lib/engine/events/emit";
import { sha256, toFingerprint } from "@/lib/engine/trust";
import { deleteKeys, saveKey } from "@/lib/engine/trust/sealed-keys";
import { spkiOf } from "@/lib/engine/trust/x509";
import { integrity, invalidInput, TwincoreError } from "@/lib/errors";
import type { PairingTarget } from "./gateway";
import { installCertificate } from "./install";
import {
  assertPeerSpoken,
  gatewayOf,
  ownIntroduction,
  REQUEST_LIFE_MS,
  sealedKeyName,
  summaryOf,
  versionText,
} from "./internal";
import type { RemoteCoreSummaryInfo, ReplicationPairingDemand } from "./peer-schemas";
import type { DemandPairingInput, PairingSummary, PeerProbe, ProbePeerInput } from "./schemas";
import { authorityOf, describeAgents, type Identity, makeIdentity } from "./send";

/** What a target showed and said before anything secret was sent. */
interface Met {
  readonly url: string;
  readonly identity: Identity;
  readonly authority: X509Certificate;
  readonly peer: RemoteCoreSummaryInfo;
}

/**
 * Looks at what answers at an address, and sends nothing but this core's introduction: who it says it is, and the fingerprint of
 * its CA for people to compare. Throws unavailable when it cannot be reached or is no core, and what it refuses with.
 */
export async function probePeer(ctx: EngineContext, input: ProbePeerInput): Promise<PeerProbe> {
  const { url, authority, peer } = await meet(ctx, input.targetUrl);
  const caFingerprint = toFingerprint(sha256(authority.raw));
  return { targetUrl: url, coreId: peer.id, name: peer.hostName, version: versionText(peer), caFingerprint };
}

/**
 * Pairs with a target at once, by a token of it or by name and password of one of its administrators. The secret goes only to the
 * core whose CA the token names, or whose fingerprint a person confirmed. The row is written before the demand goes: when its answer is
 * lost, the poll finds out what became of it. Throws integrity for another machine, and what the target refuses with; then
 * nothing is kept.
 */
export async function demandPairing(ctx: EngineContext, input: DemandPairingInput): Promise<PairingSummary> {
  const agents = await describeAgents(ctx, input.agentIds);
  const met = await meet(ctx, input.targetUrl);
  assertKnown(met.authority, input);
  const pairingId = await record(ctx, met, input, agents);
  const demand: ReplicationPairingDemand = {
    masterCoreInfo: await ownIntroduction(ctx),
    certificateRequest: met.identity.requestPem,
    emailAddress: input.contactEmail,
    customerId: input.customerId,
    comments: "",
    agents: agents.map((agentInfo) => ({ ...BY_DEFAULT, agentInfo: { ...agentInfo, repositoryType: null } })),
  };
  const target = openTrusted(ctx, met);
  try {
    const answer = await target.demandPairing(demand, authorizationOf(input));
    const status = { ...answer, remoteCoreSummaryInfo: answer, pairingState: "Established" as const, message: "" };
    await installCertificate(ctx, { pairingId, status });
  } catch (thrown) {
    await giveUp(ctx, pairingId, thrown);
  } finally {
    target.close();
  }
  return summaryOf(ctx.db.prisma, pairingId);
}

const BY_DEFAULT = {
  enableSafeDataStoring: false,
  encryptionKeyId: "",
  isCluster: false,
  machineFlags: null,
  parentAgentId: null,
  parentClusterId: null,
  quotaBytes: null,
  repositoryId: null,
};

/** First contact trusts whatever answers; the second one only what the CA signed that the first one showed. */
async function meet(ctx: EngineContext, targetUrl: string): Promise<Met> {
  const url = new URL(targetUrl).origin;
  const own = await ownIntroduction(ctx);
  const identity = await makeIdentity(own.hostName, ctx.now());
  const first = gatewayOf(ctx).open({
    url,
    key: identity.privatePem,
    cert: identity.certificatePem,
    ca: "first-contact",
  });
  const coreId = await first.getCoreId().finally(() => first.close());
  const authority = authorityOf(first.chain);
  if (coreId === own.id) throw invalidInput("That is the address of this core itself. Give the other core's address.");
  const second = openTrusted(ctx, { url, identity, authority });
  const peer = await second.verifyPairingAbility(own).finally(() => second.close());
  await assertPeerSpoken(ctx, peer);
  return { url, identity, authority, peer };
}

function openTrusted(ctx: EngineContext, { url, identity, authority }: Omit<Met, "peer">): PairingTarget {
  const { privatePem: key, certificatePem: cert } = identity;
  return gatewayOf(ctx).open({ url, key, cert, ca: authority.toString() });
}

function assertKnown(authority: X509Certificate, input: DemandPairingInput): void {
  if (input.token !== undefined) {
    if (isMadeBy(input.token, spkiOf(authority))) return;
    throw integrity(
      "What answers at that address is not the core that made this token, so the token was not sent. Check the address; if it is right, something stands between the two cores.",
    );
  }
  const fingerprint = toFingerprint(sha256(authority.raw));
  if (input.administrator?.expectedFingerprint.toUpperCase() !== fingerprint)
    throw integrity(
      `What answers at that address shows the fingerprint ${fingerprint}, not the one that was confirmed, so the password was not sent. Look at the other core's Settings page.`,
    );
}

function authorizationOf({ token, administrator }: DemandPairingInput): string {
  if (token !== undefined) return `Bearer ${token}`;
  return `Basic ${Buffer.from(`${administrator?.email}:${administrator?.password}`).toString("base64")}`;
}

async function record(
  ctx: EngineContext,
  { url, identity, authority, peer }: Met,
  input: DemandPairingInput,
  agents: Awaited<ReturnType<typeof describeAgents>>,
): Promise<string> {
  const now = ctx.now();
  const way = input.token === undefined ? "demand" : "token";
  return withTransaction(ctx.db, async (tx) => {
    const { id } = await tx.pairing.create({
      data: {
        side: "source",
        way,
        peerCoreId: peer.id,
        peerName: peer.hostName,
        peerVersion: versionText(peer),
        peerProtocol: peer.protocolVersion ?? null,
        peerUrl: url,
        peerCaPem: authority.toString(),
        contactEmail: input.contactEmail,
        customerId: input.customerId,
        requestKeyDigest: sha256(identity.spki),
        verificationCode: "",
        certificateRequestPem: identity.requestPem,
        requestedAt: now,
        expiresAt: new Date(now.getTime() + REQUEST_LIFE_MS),
        lastContactAt: now,
        wantedAgents: {
          create: agents.map((agent) => ({
            agentId: agent.id,
            name: agent.displayName,
            hostName: agent.hostName,
            sizeBytes: BigInt(agent.size),
          })),
        },
      },
    });
    await saveKey(tx, ctx.secret, sealedKeyName(id), identity);
    await writeAudit(tx, ctx, "pairing.send-demand", id, { to: url, peer: peer.hostName, way });
    await emitEvent(tx, "pairing", id);
    return id;
  });
}

/** A refusal leaves nothing behind. Where it is not known whether the demand arrived, the poll asks. */
async function giveUp(ctx: EngineContext, pairingId: string, thrown: unknown): Promise<void> {
  const isRefusal = thrown instanceof TwincoreError && thrown.code !== "unavailable" && thrown.code !== "internal";
  if (!isRefusal) {
    await ctx.enqueue("poll-pairing", { pairingId }, { key: `${pairingId}/0`, afterSeconds: 2 });
    ctx.log.warn({ pairingId, err: thrown }, "the answer to a demand was lost; asking what became of it");
    return;
  }
  await withTransaction(ctx.db, async (tx) => {
    await tx.pairing.deleteMany({ where: { id: pairingId, state: "pending" } });
    await deleteKeys(tx, [sealedKeyName(pairingId)]);
    await emitEvent(tx, "pairing", pairingId);
  });
  throw thrown;
}
