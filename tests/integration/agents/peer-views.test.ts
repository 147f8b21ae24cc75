import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createAccount } from "@/lib/engine/accounts";
import { createRepository } from "@/lib/engine/repositories";
import { setAgentQuota } from "@/tests/support/quotas";
import { type Pair, pairCores } from "../../support/pair";
import { PeerCore, withAgents } from "../../support/peer-core";
import { askPeer } from "../../support/peer-request";

const BASIC = ["root@example.com", "a long enough password"] as const;
const RELATIONSHIPS = "/slave/cores/agentRepositoryRelationships";
let source: PeerCore;
let other: PeerCore;
let target: PeerCore;
let pair: Pair;
let foreign: Pair;
let repositoryId: string;
let homeAgentId: string;

beforeAll(async () => {
  [source, other, target] = await Promise.all([
    PeerCore.start("Harbour"),
    PeerCore.start("Lighthouse"),
    PeerCore.start("Vault"),
  ]);
  pair = await pairCores(source, target);
  foreign = await pairCores(other, target);
  homeAgentId = (await withAgents(target, ["home"])).agentIds[0] ?? "";
  await createAccount(target.ctx(), { name: "Root", email: BASIC[0], password: BASIC[1], role: "administrator" });
  await createAccount(target.ctx(), { name: "Eve", email: "eve@example.com", password: BASIC[1], role: "engineer" });
  const folder = mkdtempSync(path.join(tmpdir(), "twincore-views-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  repositoryId = (await createRepository(target.ctx(), { name: "real", path: path.join(folder, "r") })).id;
  await target.db.prisma.agent.updateMany({ where: { pairingId: pair.targetId }, data: { repositoryId } });
});

const agentId = () => pair.agentIds[0] ?? "";
const paired = (path: string, more: Parameters<typeof askPeer>[2] = {}) =>
  askPeer(target, path, { as: { core: source, pairingId: pair.sourceId }, ...more });
const json = async (answer: ReturnType<typeof paired>) => JSON.parse((await answer).text);

async function addPoint(of: string, sequence: number, logicalBytes: bigint): Promise<Date> {
  const createdAt = new Date(Date.UTC(2026, 0, sequence));
  const id = randomUUID();
  const { repositoryId: repository } = await target.db.prisma.agent.findUniqueOrThrow({ where: { id: of } });
  await target.db.prisma.recoveryPoint.create({
    data: { id, agentId: of, repositoryId: repository, sequence, createdAt, logicalBytes, storedBytes: 10n },
  });
  return createdAt;
}

describe("what a paired core is told of agents", () => {
  it("GetAgents lists its own agents and nobody else's, in the contract's shape", async () => {
    expect(await json(paired("/slave/agents/all"))).toEqual({
      agents: [
        {
          agentType: "ReplicatedAgent",
          displayName: "db",
          id: agentId(),
          isCluster: false,
          parentClusterId: null,
          recoveryPointsOnly: false,
        },
      ],
    });
    const xml = await paired("/slave/agents/all", { headers: { accept: "application/xml" } });
    expect(xml.text).toMatch(/<agents [^>]*><agentInfoSummary><agentType>ReplicatedAgent<\/agentType><displayName>db</);
  });

  it("GetReplicatedAgentsRecoveryPointsInfo leaves out agents without points, and sums up the others", async () => {
    expect(await json(paired("/slave/agents/rpsinfo"))).toEqual({ agents: [] });
    const oldest = await addPoint(agentId(), 1, 100n);
    const newest = await addPoint(agentId(), 2, 120n);
    await addPoint(foreign.agentIds[0] ?? "", 1, 5n);
    await addPoint(homeAgentId, 1, 5n);
    expect(await json(paired("/slave/agents/rpsinfo"))).toEqual({
      agents: [
        {
          agentId: agentId(),
          displayName: "db",
          newestRpTimestamp: newest.toISOString(),
          oldestRpTimestamp: oldest.toISOString(),
          recoveryPointCount: 2,
          size: 220,
          storedSize: 20,
        },
      ],
    });
  });

  it("GetRepositoryFreeSpaceForAgent is what the smaller of quota and disk leaves, never below nothing", async () => {
    const free = () => json(paired(`/slave/agents/${agentId()}/freeSpace`));
    const quota = (hardBytes: bigint | null) => setAgentQuota(target.db, agentId(), hardBytes);
    const used = 20n;
    await quota(null);
    expect(await free()).toBeGreaterThan(1_000_000);
    await quota(used + 1000n);
    expect(await free()).toBe(1000);
    await quota(used - 5n);
    expect(await free()).toBe(0);
    const xml = await paired(`/slave/agents/${agentId()}/freeSpace`, { headers: { accept: "application/xml" } });
    expect(xml.text).toContain('<unsignedLong xmlns="http://schemas.microsoft.com/2003/10/Serialization/">0<');
  });

  it("the free space of another core's agent, and of none, answers as not found", async () => {
    for (const id of [foreign.agentIds[0], homeAgentId, randomUUID()])
      expect((await paired(`/slave/agents/${id}/freeSpace`)).status).toBe(404);
  });

  it("VerifyReplicationAbility is void when all is well, names what fails in a fault, and lists every check when asked", async () => {
    const verify = `/slave/agents/${agentId()}/replication/verifyStart`;
    const quota = (hardBytes: bigint | null) => setAgentQuota(target.db, agentId(), hardBytes);
    await quota(null);
    const xml = { headers: { accept: "application/xml" } };
    expect(await paired(verify, xml)).toEqual({ status: 200, text: "" });
    expect((await json(paired(verify))).checks).toHaveLength(5);
    await quota(1n);
    const fault = await paired(verify, xml);
    expect(fault.status).toBe(409);
    expect(fault.text).toContain(
      "cannot be replicated just now (quota). quota: The quota of this agent for stored data",
    );
    expect((await paired(verify)).status).toBe(409);
    const { checks } = await json(paired(`${verify}?report=true`));
    expect(checks.filter((check: { passed: boolean }) => !check.passed)).toMatchObject([{ name: "quota" }]);
    await quota(null);
  });

  it("an agent that is being deleted does not exist for its core any more", async () => {
    const mark = (deletionAskedAt: Date | null) =>
      target.db.prisma.agent.update({ where: { id: agentId() }, data: { deletionAskedAt } });
    await mark(new Date());
    expect(await json(paired("/slave/agents/all"))).toEqual({ agents: [] });
    expect(await json(paired("/slave/agents/rpsinfo"))).toEqual({ agents: [] });
    expect(await json(paired("/slave/agents"))).toEqual({ agents: [] });
    expect((await paired(`/slave/agents/${agentId()}/freeSpace`)).status).toBe(404);
    await mark(null);
  });
});

describe("which repository an agent lies in", () => {
  const own = () => ({
    relationships: [{ agentId: agentId(), repositoryId, repositoryName: "real" }],
  });
  const core = (id: string) => ({ method: "POST", body: JSON.stringify({ id }) });
  const coreIdOf = async (pairingId: string) =>
    (await target.db.prisma.pairing.findUniqueOrThrow({ where: { id: pairingId } })).peerCoreId ?? "";

  it("is told to the core itself, by name of the core too, also in XML", async () => {
    expect(await json(paired(RELATIONSHIPS))).toEqual(own());
    const coreId = await coreIdOf(pair.targetId);
    expect(await json(paired(`${RELATIONSHIPS}/byCoreInfo`, core(coreId)))).toEqual(own());
    const body = `<remoteCoreSummaryInfo xmlns="http://apprecovery.com/management/api/2010/05"><hostName>x</hostName><id>${coreId}</id></remoteCoreSummaryInfo>`;
    const xml = await paired(`${RELATIONSHIPS}/byCoreInfo`, {
      method: "POST",
      body,
      headers: { "content-type": "application/xml" },
    });
    expect(xml.text).toContain(`<agentRepositoryRelationship><agentId>${agentId()}</agentId>`);
  });

  it("of another core answers like one that never was", async () => {
    for (const id of [await coreIdOf(foreign.targetId), randomUUID()])
      expect((await paired(`${RELATIONSHIPS}/byCoreInfo`, core(id))).status).toBe(404);
  });

  it("is told to an administrator for every core, and to no other account", async () => {
    const all = await json(askPeer(target, `${RELATIONSHIPS}/demand`, { basic: BASIC }));
    expect(all.relationships.map((each: { agentId: string }) => each.agentId).sort()).toEqual(
      [...pair.agentIds, ...foreign.agentIds].sort(),
    );
    const named = core(await coreIdOf(foreign.targetId));
    const one = await json(askPeer(target, `${RELATIONSHIPS}/demand/byCoreInfo`, { ...named, basic: BASIC }));
    expect(one.relationships).toMatchObject([{ agentId: foreign.agentIds[0] }]);
    const nobody = await askPeer(target, `${RELATIONSHIPS}/demand/byCoreInfo`, { ...core(randomUUID()), basic: BASIC });
    expect(nobody.status).toBe(404);
    for (const path of [`${RELATIONSHIPS}/demand`, `${RELATIONSHIPS}/demand/byCoreInfo`]) {
      const more = path.endsWith("demand") ? {} : named;
      expect((await askPeer(target, path, more)).status).toBe(401);
      expect((await paired(path, more)).status).toBe(401);
      expect((await askPeer(target, path, { ...more, basic: [BASIC[0], "wrong password"] })).status).toBe(401);
      expect((await askPeer(target, path, { ...more, basic: ["eve@example.com", BASIC[1]] })).status).toBe(403);
    }
  });
});
