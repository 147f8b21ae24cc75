import "server-only";
import type { Tx } from "@/lib/db/client";
import { withTransaction } from "@/lib/db/transaction";
import { writeAudit } from "@/lib/engine/audit";
import { actorName, type EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";
import { guard } from "@/lib/engine/protection/guard";
import { listRepositories } from "@/lib/engine/repositories";
import { loadAuthority } from "@/lib/engine/trust";
import { lockFor } from "@/lib/engine/trust/sealed-keys";
import { conflict, invalidInput, TwincoreError } from "@/lib/errors";
import { assertRepositories } from "./approve";
import { type AskedKey, readAskedKey } from "./asked-key";
import { administratorActor, type Caller, type PeerCall } from "./caller";
import { certify } from "./certify";
import { lockPairing, ownIntroduction, versionText } from "./internal";
import type { DemandPairingOutput, ReplicationPairingDemand } from "./peer-schemas";
import { toAgentPairings } from "./sync-status";
import { type Choice, takeAgents } from "./take-agents";
import { tenantFor } from "./tenant-for";
import { assertNotBlocked, assertPairable } from "./verify-ability";

const NO_REPOSITORY = "00000000-0000-0000-0000-000000000000";
/** More are not looked at when the roomiest one is chosen. */
const REPOSITORIES_MAX = 200;

interface Demand {
  readonly input: ReplicationPairingDemand;
  readonly caller: Caller;
  readonly key: AskedKey;
  /** Where agents go whose repository nobody named. */
  readonly repositoryId: string | undefined;
}

/**
 * DemandPairing, on the target: an administrator of this core, or the holder of a one-time token, pairs a core at once: agents and
 * their sessions → token used → certificate → established, in one transaction. Asked again with the same key it answers the same.
 * Throws forbidden for a blocked core, conflict for an agent of somebody else (then nothing happened, and the token still
 * counts), for a protocol that is not spoken and without a repository.
 */
export async function receivePairingDemand(
  ctx: EngineContext,
  input: ReplicationPairingDemand,
  { caller }: Pick<PeerCall, "caller">,
): Promise<DemandPairingOutput> {
  const key = await readAskedKey(input, caller, { now: ctx.now(), proved: caller.administrator === null });
  await assertPairable(ctx, input.masterCoreInfo);
  await guardDemand(ctx, { input, caller, key });
  const demand = { input, caller, key, repositoryId: await roomiest(ctx) };
  const pairingId = await withTransaction(ctx.db, (tx) => pair(tx, ctx, demand));
  const { certificatePem, wantedAgents } = await ctx.db.prisma.pairing.findUniqueOrThrow({
    where: { id: pairingId },
    include: { wantedAgents: true },
  });
  return {
    ...(await ownIntroduction(ctx)),
    certificate: certificatePem ?? "",
    certificateAuthority: (await loadAuthority(ctx.db)).pem,
    agents: toAgentPairings(wantedAgents, "Established"),
  };
}

/**
 * What an administrator demands is an approval, also when a paired core brings it. Where that takes a second person the demand waits, and is
 * repeated when somebody agreed. A token was protected when it was made; a key that is paired already gets the same answer again.
 */
async function guardDemand(ctx: EngineContext, { input, caller, key }: Omit<Demand, "repositoryId">): Promise<void> {
  if (!caller.administrator) return;
  const where = { side: "target" as const, requestKeyDigest: key.digest, state: "established" as const };
  if ((await ctx.db.prisma.pairing.count({ where })) > 0) return;
  const { id, hostName } = input.masterCoreInfo;
  const agents = input.agents
    .map(({ agentInfo, repositoryId, quotaBytes }) => ({ id: agentInfo.id, repositoryId, quotaBytes }))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
  await guard(
    { ...ctx, actor: administratorActor(caller.administrator, ctx.now()) },
    {
      action: "pairing.demand",
      subject: { kind: "core", id },
      title: `Let ${hostName} in by demand, with ${agents.length === 1 ? "1 agent" : `${agents.length} agents`}.`,
      input: { coreId: id, agents },
      tenantId: null,
    },
  );
}

async function roomiest(ctx: EngineContext): Promise<string | undefined> {
  const { items } = await listRepositories(ctx, { limit: REPOSITORIES_MAX });
  return items.filter(({ reachable }) => reachable).sort((a, b) => b.freeBytes - a.freeBytes)[0]?.id ?? items[0]?.id;
}

async function pair(tx: Tx, ctx: EngineContext, demand: Demand): Promise<string> {
  const { key, caller, input } = demand;
  await lockFor(tx, "pairing-requests");
  await assertNotBlocked(tx, { coreId: input.masterCoreInfo.id, address: caller.address, keyDigest: key.digest });
  const before = await tx.pairing.findFirst({
    where: { side: "target", requestKeyDigest: key.digest, state: "established" },
    select: { id: true },
  });
  if (before) return before.id;
  await tx.pairing.updateMany({
    where: { side: "target", requestKeyDigest: key.digest, state: "pending" },
    data: { state: "deleted", message: "Paired by demand instead.", decidedAt: ctx.now() },
  });
  const token = caller.administrator ? null : await takeToken(tx, ctx, caller);
  const pairing = await insert(tx, ctx, demand, token);
  const { choices, knownTenantId } = await choose(tx, demand, token);
  const tenantId = await tenantFor(tx, ctx, pairing, {
    tenantId: (token ? token.tenantId : knownTenantId) ?? undefined,
  });
  await take(tx, ctx, { pairingId: pairing.id, tenantId, choices }, token !== null);
  await establish(tx, ctx, { id: pairing.id, tenantId, token, agents: choices.map(({ agentId }) => agentId) });
  return pairing.id;
}

type Token = Awaited<ReturnType<typeof takeToken>>;

/** Marking it used and checking it are one statement: of two cores with one token, one gets in. */
async function takeToken(tx: Tx, ctx: EngineContext, { enrolment }: Caller) {
  const now = ctx.now();
  const [token] = await tx.enrolmentToken.updateManyAndReturn({
    where: { id: enrolment?.tokenId ?? NO_REPOSITORY, usedAt: null, revokedAt: null, expiresAt: { gt: now } },
    data: { usedAt: now },
  });
  if (!token) throw new TwincoreError("unauthenticated", "This enrolment token was used, was revoked or has expired.");
  return token;
}

function insert(tx: Tx, ctx: EngineContext, { input, caller, key }: Demand, token: Token | null) {
  const now = ctx.now();
  const agents = new Map(input.agents.map(({ agentInfo }) => [agentInfo.id, agentInfo]));
  if (agents.size !== input.agents.length) throw invalidInput("An agent is named twice.");
  return tx.pairing.create({
    data: {
      side: "target",
      way: token ? "token" : "demand",
      peerCoreId: input.masterCoreInfo.id,
      peerName: input.masterCoreInfo.hostName,
      peerVersion: versionText(input.masterCoreInfo),
      peerProtocol: input.masterCoreInfo.protocolVersion ?? null,
      peerAddress: caller.address,
      contactEmail: input.emailAddress,
      customerId: input.customerId,
      comments: input.comments,
      requestKeyDigest: key.digest,
      verificationCode: "",
      certificateRequestPem: key.certificateRequestPem,
      certificatePem: key.certificatePem,
      requestedAt: now,
      lastContactAt: now,
      wantedAgents: {
        create: [...agents.values()].map(({ id, displayName, hostName, size }) => ({
          agentId: id,
          name: displayName,
          hostName,
          sizeBytes: BigInt(size),
        })),
      },
    },
    select: { id: true, peerName: true, customerId: true, contactEmail: true },
  });
}

/**
 * Where each agent goes: a token says it for all; an administrator says it per agent, else it goes on where its points are, else
 * where there is most room. `knownTenantId` is the one that all known agents share.
 */
async function choose(tx: Tx, { input, repositoryId }: Demand, token: Token | null) {
  const ids = input.agents.map(({ agentInfo }) => agentInfo.id);
  const known = await tx.agent.findMany({
    where: { id: { in: ids } },
    select: { id: true, repositoryId: true, tenantId: true },
  });
  const lies = new Map(known.map((agent) => [agent.id, agent.repositoryId]));
  const tenants = [...new Set(known.map(({ tenantId }) => tenantId))];
  const choices = input.agents.map((agent): Choice => {
    const named = agent.repositoryId === NO_REPOSITORY ? null : agent.repositoryId;
    const chosen = token?.repositoryId ?? named ?? lies.get(agent.agentInfo.id) ?? repositoryId;
    if (!chosen) throw conflict("The target core has no repository yet. Make one there first.");
    const quotaBytes = token ? numberOf(token.quotaBytes) : agent.quotaBytes;
    return { agentId: agent.agentInfo.id, repositoryId: chosen, quotaBytes };
  });
  await assertRepositories(tx, choices);
  return { choices, knownTenantId: tenants.length === 1 ? tenants[0] : undefined };
}

const numberOf = (bytes: bigint | null) => (bytes === null ? null : Number(bytes));

/** Who holds a token may not learn whose an agent is: for it all refusals are one. */
async function take(
  tx: Tx,
  ctx: EngineContext,
  taking: { pairingId: string; tenantId: string; choices: Choice[] },
  isByToken: boolean,
): Promise<void> {
  if (taking.choices.length === 0) return;
  await takeAgents(tx, ctx, taking).catch((thrown: unknown) => {
    if (isByToken && thrown instanceof TwincoreError && thrown.code === "conflict")
      throw conflict("The target core cannot take one of these agents with this token. Ask its administrator why.");
    throw thrown;
  });
}

async function establish(
  tx: Tx,
  ctx: EngineContext,
  { id, tenantId, token, agents }: { id: string; tenantId: string; token: Token | null; agents: string[] },
): Promise<void> {
  const pairing = await lockPairing(tx, id);
  const certified = await certify(tx, ctx, pairing);
  const decided = { decidedAt: ctx.now(), decidedBy: actorName(ctx.actor) };
  await tx.pairing.update({ where: { id }, data: { state: "established", tenantId, ...certified, ...decided } });
  if (token) await tx.enrolmentToken.update({ where: { id: token.id }, data: { usedPairingId: id } });
  const detail = { agents, tenantId, peer: pairing.peerName, way: pairing.way, from: pairing.peerAddress };
  await writeAudit(tx, ctx, "pairing.demand", id, detail);
  await emitEvent(tx, "pairing", id);
}
