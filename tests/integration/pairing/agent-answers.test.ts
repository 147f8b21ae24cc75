import { randomUUID } from "node:crypto";
import { beforeEach, describe, expect, it } from "vitest";
import { expirePairings, getPairing, renewCertificates } from "@/lib/engine/pairing";
import { approveAgents, denyAgents } from "@/lib/engine/pairing/agents/answer";
import { sendAgentRequest, verifyAgentRequest } from "@/lib/engine/pairing/agents/send";
import { hearTargets } from "@/lib/engine/sessions";
import { connectTarget } from "@/lib/jobs/connect-target";
import { type Pair, pairCores } from "../../support/pair";
import { PeerCore, withAgents } from "../../support/peer-core";

let source: PeerCore;
let target: PeerCore;
let pair: Pair;
let agentIds: string[];
let repositoryId: string;

beforeEach(async () => {
  [source, target] = await Promise.all([PeerCore.start("Harbour"), PeerCore.start("Vault")]);
  pair = await pairCores(source, target);
  agentIds = (await withAgents(source, ["web", "mail", "files"])).agentIds;
  repositoryId = (await withAgents(target, [])).repositoryId;
  source.jobs = [];
});

const ask = (ids = agentIds) => sendAgentRequest(source.ctx(), { id: pair.sourceId, agentIds: ids, comments: "" });
const approve = (...ids: string[]) =>
  approveAgents(target.ctx(), {
    id: pair.targetId,
    agents: ids.map((agentId) => ({ agentId, repositoryId, quotaBytes: null })),
  });
const deny = (message: string, ...ids: string[]) =>
  denyAgents(target.ctx(), { id: pair.targetId, agentIds: ids, message });
const sessions = () =>
  source.db.prisma.replicationSession.findMany({ where: { agentId: { in: agentIds } }, orderBy: { agentId: "asc" } });
const states = async () =>
  Object.fromEntries(
    (await getPairing(source.ctx(), { id: pair.sourceId })).wantedAgents.map((agent) => [
      agent.name,
      agent.message ? `${agent.state}: ${agent.message}` : agent.state,
    ]),
  );
const runs = () => source.jobs.filter(({ name }) => name === "run-replication");

describe("asking an established peer for more agents", () => {
  it("the source learns each answer by itself, begins what was approved, and shows why the rest was not", async () => {
    await ask();
    await source.runPolls();
    expect(await states()).toEqual({ db: "approved", web: "pending", mail: "pending", files: "pending" });
    expect(await sessions()).toEqual([]);
    const [web = "", mail = ""] = agentIds;
    await approve(web);
    await deny("Mail goes elsewhere.", mail);
    await source.runPolls();
    expect(await states()).toEqual({
      db: "approved",
      web: "approved",
      mail: "denied: Mail goes elsewhere.",
      files: "pending",
    });
    expect(await sessions()).toMatchObject([{ agentId: web, side: "source", state: "initializing" }]);
    expect((await sessions())[0]?.nextRunAt).not.toBeNull();
    expect(runs()).toEqual([{ name: "run-replication", payload: { sessionId: (await sessions())[0]?.id } }]);
    const again = runs().length;
    await source.runPolls();
    await source.runPolls();
    expect(runs()).toHaveLength(again);
    expect(await sessions()).toHaveLength(1);
  });

  it("a denied agent may be asked for again, and is approved then", async () => {
    const [web = ""] = agentIds;
    await ask([web]);
    await deny("Not now.", web);
    await source.runPolls();
    await ask([web]);
    expect(await states()).toMatchObject({ web: "pending" });
    await approve(web);
    await source.runPolls();
    expect(await states()).toMatchObject({ web: "approved" });
    expect(await sessions()).toHaveLength(1);
  });

  it("what an approved agent has goes on when it is asked for again", async () => {
    const [dbId = ""] = pair.agentIds;
    await ask([dbId, ...agentIds]);
    expect(await states()).toEqual({ db: "approved", web: "pending", mail: "pending", files: "pending" });
    expect(await target.db.prisma.pairingAgent.count({ where: { state: "pending" } })).toBe(3);
  });

  it("a lost poll is found again by the sweep, and the hourly care hears answers too", async () => {
    const [web = "", mail = ""] = agentIds;
    await ask([web, mail]);
    source.jobs = [];
    source.aheadMs = 10 * 60_000;
    await expirePairings(source.ctx());
    expect(source.jobs).toEqual([{ name: "poll-pairing", payload: { pairingId: pair.sourceId } }]);
    source.jobs = [];
    await approve(web);
    await renewCertificates(source.ctx());
    expect(await states()).toMatchObject({ web: "approved", mail: "pending" });
  });

  it("an approval that no poll waits for is noticed with the next word to the target", async () => {
    const [web = ""] = agentIds;
    await ask([web]);
    source.jobs = [];
    await hearTargets(source.ctx(), connectTarget(source.ctx()));
    expect(source.jobs).toEqual([]);
    await approve(web);
    await hearTargets(source.ctx(), connectTarget(source.ctx()));
    await source.runPolls();
    expect(await sessions()).toHaveLength(1);
    source.jobs = [];
    await hearTargets(source.ctx(), connectTarget(source.ctx()));
    expect(source.jobs.filter(({ name }) => name === "poll-pairing")).toEqual([]);
  });

  it("an agent that the target does not have any more ends its session here, and begins it anew once it is taken in again", async () => {
    const [web = ""] = agentIds;
    await ask([web]);
    await approve(web);
    await source.runPolls();
    await target.db.prisma.agent.delete({ where: { id: web } });
    await target.db.prisma.pairingAgent.updateMany({
      where: { agentId: web },
      data: { state: "denied", message: "Gone." },
    });
    await hearTargets(source.ctx(), connectTarget(source.ctx()));
    await source.runPolls();
    expect(await states()).toMatchObject({ web: "denied: Gone." });
    expect(await sessions()).toMatchObject([{ state: "ended", nextRunAt: null }]);
    await ask([web]);
    await approve(web);
    await source.runPolls();
    expect(await sessions()).toMatchObject([{ state: "initializing", newestPointId: null }]);
  });

  it("a target cannot make the source send an agent that was not asked for", async () => {
    const { prisma } = target.db;
    const [web = ""] = agentIds;
    const row = { pairingId: pair.targetId, agentId: web, name: "web", hostName: "", sizeBytes: 0n };
    await prisma.pairingAgent.create({ data: { ...row, state: "approved" } });
    await renewCertificates(source.ctx());
    expect(await sessions()).toEqual([]);
  });

  it("is refused for agents of others, on the wrong side, and when the pairing is not established; nothing is written", async () => {
    await expect(ask([randomUUID()])).rejects.toMatchObject({ code: "not_found" });
    const asTarget = { id: pair.targetId, agentIds, comments: "" };
    await expect(sendAgentRequest(target.ctx(), asTarget)).rejects.toMatchObject({ code: "conflict" });
    await target.stopListening();
    await expect(ask()).rejects.toMatchObject({ code: "unavailable" });
    expect(await states()).toEqual({ db: "approved" });
    await source.db.prisma.pairing.update({ where: { id: pair.sourceId }, data: { state: "pending" } });
    await expect(ask()).rejects.toMatchObject({ code: "conflict" });
  });

  it("shows the target's checks by name before anything is asked", async () => {
    const { checks } = await verifyAgentRequest(source.ctx(), { id: pair.sourceId, agentIds });
    expect(checks.map(({ name, passed }) => [name, passed])).toContainEqual(["repository", false]);
    expect(checks.map(({ name, passed }) => [name, passed])).toContainEqual(["version", true]);
    expect(await target.db.prisma.pairingAgent.count({ where: { state: "pending" } })).toBe(0);
  });
});

describe("answering on the target", () => {
  it("an answer counts once; what was not asked, on the wrong side or before the pairing itself, is refused", async () => {
    const [web = "", mail = ""] = agentIds;
    await ask([web]);
    await expect(approve(web, mail)).rejects.toMatchObject({ code: "conflict" });
    await expect(approve(web, web)).rejects.toMatchObject({ code: "conflict" });
    await expect(denyAgents(source.ctx(), { id: pair.sourceId, agentIds: [web], message: "no" })).rejects.toMatchObject(
      { code: "conflict" },
    );
    await deny("no", web);
    await expect(approve(web)).rejects.toMatchObject({ code: "conflict", message: expect.stringContaining("denied") });
    expect(await target.db.prisma.agent.count({ where: { id: { in: agentIds } } })).toBe(0);
  });
});
