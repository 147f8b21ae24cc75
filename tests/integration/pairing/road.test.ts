import { randomUUID } from "node:crypto";
import { beforeEach, describe, expect, it } from "vitest";
import {
  approvePairing,
  deletePairing,
  denyPairing,
  expirePairings,
  getPairing,
  ignorePairing,
  listPairings,
  sendPairingRequest,
} from "@/lib/engine/pairing";
import { pollDelayMs } from "@/lib/engine/pairing/poll";
import { connectPeer } from "@/lib/peer/connect";
import { getCoreSummaryInfo } from "@/lib/peer/operations/pairing";
import { PeerCore, withAgents } from "../../support/peer-core";

const DAY_MS = 24 * 3600_000;
let source: PeerCore;
let target: PeerCore;
let agentIds: string[];
let repositoryId: string;

beforeEach(async () => {
  [source, target] = await Promise.all([PeerCore.start("Harbour"), PeerCore.start("Vault")]);
  ({ agentIds } = await withAgents(source, ["db", "files"]));
  ({ repositoryId } = await withAgents(target, []));
});

const send = (agents = agentIds) =>
  sendPairingRequest(source.ctx(), {
    targetUrl: `${target.url}/`,
    agentIds: agents,
    contactEmail: "ops@harbour.example",
    customerId: "C-7",
    comments: "please",
  });

async function pending() {
  const { items } = await listPairings(target.ctx(), { state: "pending", side: "target", limit: 50 });
  const [request] = items;
  if (!request) throw new Error("the target has no pending request");
  return request;
}

const approve = (id: string, chosen = agentIds) =>
  approvePairing(target.ctx(), {
    id,
    agents: chosen.map((agentId) => ({ agentId, repositoryId, quotaBytes: 1_000_000 })),
    rateCapBytesPerSecond: null,
  });

async function paired() {
  const sent = await send();
  const request = await pending();
  await approve(request.id);
  await source.runPolls();
  return { sourceId: sent.id, targetId: request.id };
}

describe("pairing by request", () => {
  it("shows the same verification code on both screens, and everything a person decides by", async () => {
    const sent = await send();
    const request = await pending();
    expect(request.verificationCode).toMatch(/^[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}$/);
    expect(sent.verificationCode).toBe(request.verificationCode);
    expect(sent.keyFingerprint).toBe(request.keyFingerprint);
    expect(request).toMatchObject({
      peerName: "Harbour",
      contactEmail: "ops@harbour.example",
      customerId: "C-7",
      comments: "please",
      peerAddress: "127.0.0.1",
    });
    expect(request.wantedAgents.map((agent) => agent.name)).toEqual(["db", "files"]);
    expect(sent).toMatchObject({ side: "source", state: "pending", peerName: "Vault", peerUrl: target.url });
  });

  it("goes through although both cores are restarted between every two steps", async () => {
    const sent = await send();
    await Promise.all([source.restart(), target.restart()]);
    const request = await pending();
    await source.runPolls();
    expect((await getPairing(source.ctx(), { id: sent.id })).state).toBe("pending");
    await approve(request.id, agentIds.slice(0, 1));
    await Promise.all([source.restart(), target.restart()]);
    await source.runPolls();
    const established = await getPairing(source.ctx(), { id: sent.id });
    expect(established.state).toBe("established");
    expect(established.wantedAgents.filter((agent) => agent.approved).map((agent) => agent.agentId)).toEqual(
      agentIds.slice(0, 1),
    );
    await source.restart();
    const client = await connectPeer(source.ctx(), sent.id);
    expect(await client.call(getCoreSummaryInfo, {})).toMatchObject({ hostName: "Vault" });
    client.close();
  });

  it("starts replication of the accepted agents by itself, on both cores' books", async () => {
    await send();
    const request = await pending();
    await approve(request.id, agentIds.slice(1));
    await source.runPolls();
    const sessions = await source.db.prisma.replicationSession.findMany();
    expect(sessions).toMatchObject([{ side: "source", agentId: agentIds[1], state: "initializing" }]);
    expect(source.jobs).toEqual([{ name: "run-replication", payload: { sessionId: sessions[0]?.id } }]);
    const copies = await target.db.prisma.agent.findMany({ include: { tenant: true } });
    expect(copies).toMatchObject([
      { id: agentIds[1], name: "files", pairingId: request.id, repositoryId, tenant: { name: "Harbour" } },
    ]);
    expect(await target.db.prisma.replicationSession.count({ where: { side: "target" } })).toBe(1);
  });

  it("an unreachable target is said so and leaves nothing behind", async () => {
    await target.stopListening();
    await expect(send()).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringContaining("Nothing listens"),
    });
    expect(await source.db.prisma.pairing.count()).toBe(0);
    expect(await source.db.prisma.sealedKey.count({ where: { name: { startsWith: "pairing:" } } })).toBe(0);
    expect(source.jobs).toEqual([]);
    await target.listen();
  });

  it("a core does not pair with itself", async () => {
    const { agentIds: own } = await withAgents(target, ["self"]);
    const input = { targetUrl: target.url, agentIds: own, contactEmail: "", customerId: "", comments: "" };
    await expect(sendPairingRequest(target.ctx(), input)).rejects.toMatchObject({ code: "invalid_input" });
  });

  it("a poll that fails is repeated, and says why meanwhile", async () => {
    const sent = await send();
    await target.stopListening();
    await source.runPolls();
    expect(await getPairing(source.ctx(), { id: sent.id })).toMatchObject({
      state: "pending",
      message: expect.stringContaining("Nothing listens"),
    });
    await target.listen();
    await approve((await pending()).id);
    await source.runPolls();
    expect(await getPairing(source.ctx(), { id: sent.id })).toMatchObject({ state: "established", message: "" });
  });

  it("waits between polls for 2 seconds at first and a minute at most", () => {
    expect([0, 30_000, 10 * 60_000, DAY_MS].map(pollDelayMs)).toEqual([2_000, 3_000, 60_000, 60_000]);
  });
});

describe("answers other than yes", () => {
  it("a denial's message reaches the source and ends its polling", async () => {
    const sent = await send();
    await denyPairing(target.ctx(), { id: (await pending()).id, message: "Wrong customer number." });
    await source.runPolls();
    expect(await getPairing(source.ctx(), { id: sent.id })).toMatchObject({
      state: "denied",
      message: "Wrong customer number.",
    });
    expect(source.jobs).toEqual([]);
    expect(await source.db.prisma.sealedKey.count({ where: { name: `pairing:${sent.id}` } })).toBe(0);
  });

  it.each([false, true])("an ignored request (for good: %s) looks like one that nobody has read", async (forGood) => {
    const sent = await send();
    await ignorePairing(target.ctx(), { id: (await pending()).id, forGood });
    await source.runPolls();
    expect((await getPairing(source.ctx(), { id: sent.id })).state).toBe("pending");
  });

  it("a core that was ignored may ask again; one that was blocked is heard by nobody and cannot tell", async () => {
    await send();
    await ignorePairing(target.ctx(), { id: (await pending()).id, forGood: false });
    await send();
    await ignorePairing(target.ctx(), { id: (await pending()).id, forGood: true });
    const again = await send();
    expect(again.state).toBe("pending");
    expect(again.verificationCode).not.toBe("");
    await source.runPolls();
    expect((await getPairing(source.ctx(), { id: again.id })).state).toBe("pending");
    expect(await target.db.prisma.pairing.count({ where: { state: "pending" } })).toBe(0);
  });

  it("a request expires on both cores after seven days, and cannot be approved then", async () => {
    const sent = await send();
    const request = await pending();
    source.aheadMs = target.aheadMs = 7 * DAY_MS + 1000;
    await expect(approve(request.id)).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining("expired"),
    });
    await expirePairings(target.ctx());
    await source.runPolls();
    expect((await getPairing(target.ctx(), { id: request.id })).state).toBe("expired");
    expect((await getPairing(source.ctx(), { id: sent.id })).state).toBe("expired");
  });

  it("a request that the target no longer knows is closed with the advice to ask again", async () => {
    const sent = await send();
    await target.db.prisma.pairing.deleteMany();
    await source.runPolls();
    expect(await getPairing(source.ctx(), { id: sent.id })).toMatchObject({
      state: "expired",
      message: expect.stringContaining("Send a new one"),
    });
  });

  it("a withdrawn request disappears from the target too", async () => {
    const sent = await send();
    const request = await pending();
    await deletePairing(source.ctx(), { id: sent.id });
    await source.runPolls();
    expect((await getPairing(target.ctx(), { id: request.id })).state).toBe("deleted");
    await expect(approve(request.id)).rejects.toMatchObject({ code: "conflict" });
  });

  it("a lost poll job is found again by the sweep", async () => {
    const sent = await send();
    source.jobs = [];
    source.aheadMs = 10 * 60_000;
    await expirePairings(source.ctx());
    expect(source.jobs).toEqual([{ name: "poll-pairing", payload: { pairingId: sent.id } }]);
  });
});

describe("approving", () => {
  it("of two administrators who answer at once, exactly one wins and the other is told", async () => {
    await send();
    const { id } = await pending();
    const answers = await Promise.allSettled([
      approve(id),
      approve(id),
      denyPairing(target.ctx(), { id, message: "no" }),
    ]);
    expect(answers.filter((answer) => answer.status === "fulfilled")).toHaveLength(1);
    for (const answer of answers)
      if (answer.status === "rejected")
        expect(answer.reason).toMatchObject({ code: "conflict", message: expect.stringContaining("answered already") });
    expect(await target.db.prisma.pairingCertificate.count()).toBeLessThanOrEqual(1);
  });

  it("refuses agents that were not asked for, twice the same, and unknown repositories; nothing is half done", async () => {
    await send();
    const { id } = await pending();
    const [agentId = ""] = agentIds;
    const one = { agentId, repositoryId, quotaBytes: null };
    const attempt = (agents: (typeof one)[]) =>
      approvePairing(target.ctx(), { id, agents, rateCapBytesPerSecond: null });
    await expect(attempt([{ ...one, agentId: repositoryId }])).rejects.toMatchObject({ code: "invalid_input" });
    await expect(attempt([one, one])).rejects.toMatchObject({ code: "invalid_input" });
    await expect(attempt([one, { ...one, agentId: agentIds[1] ?? "", repositoryId: agentId }])).rejects.toMatchObject({
      code: "not_found",
    });
    expect((await getPairing(target.ctx(), { id })).state).toBe("pending");
    expect(await target.db.prisma.agent.count()).toBe(0);
    expect(await target.db.prisma.tenant.count()).toBe(1);
  });

  it("of two requests for the same agents that are approved at once, one gets them", async () => {
    await send();
    await send([...agentIds].reverse());
    const { items } = await listPairings(target.ctx(), { state: "pending", limit: 2 });
    const chosen = [agentIds, [...agentIds].reverse()];
    const answers = await Promise.allSettled(items.map(({ id }, n) => approve(id, chosen[n])));
    expect(answers.filter((answer) => answer.status === "fulfilled")).toHaveLength(1);
    const refused = answers.find((answer) => answer.status === "rejected");
    expect(refused?.reason).toMatchObject({ code: "conflict", message: expect.stringMatching(/another pairing/i) });
    expect(await target.db.prisma.pairingCertificate.count()).toBe(1);
  });

  it("an agent id that another pairing or this core holds is refused", async () => {
    await paired();
    await send();
    const second = await pending();
    await expect(approve(second.id)).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining("another pairing"),
    });
    await target.db.prisma.agent.updateMany({ data: { pairingId: null } });
    await expect(approve(second.id)).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining("this core itself"),
    });
  });

  it("after unpairing, an agent goes on under the tenant and repository it had, and under no other", async () => {
    const { sourceId, targetId } = await paired();
    const tenantId = (await getPairing(target.ctx(), { id: targetId })).tenant?.id;
    await deletePairing(source.ctx(), { id: sourceId });
    await source.runPolls();
    await send();
    const { id } = await pending();
    await expect(approve(id)).rejects.toMatchObject({ code: "conflict", message: expect.stringContaining("tenant") });
    const agents = agentIds.map((agentId) => ({ agentId, repositoryId, quotaBytes: null }));
    const again = await approvePairing(target.ctx(), { id, agents, tenantId, rateCapBytesPerSecond: 5_000_000 });
    expect(again).toMatchObject({ state: "established", rateCapBytesPerSecond: 5_000_000, tenant: { id: tenantId } });
    expect(await target.db.prisma.agent.count({ where: { pairingId: id } })).toBe(2);
  });
});

describe("at the bound", () => {
  it("a request for a thousand agents is sent, shown, approved and established", async () => {
    const { agentIds: many } = await withAgents(
      source,
      Array.from({ length: 1000 }, (_, n) => `agent ${n}`),
    );
    const sent = await send(many);
    const request = await pending();
    expect(request.wantedAgents).toHaveLength(1000);
    await approve(request.id, many);
    await source.runPolls();
    expect((await getPairing(source.ctx(), { id: sent.id })).state).toBe("established");
    expect(await source.db.prisma.replicationSession.count()).toBe(1000);
  });
});

describe("the tenant of a pairing", () => {
  const approveFor = (id: string, tenant: { tenantId?: string; tenantName?: string }) =>
    approvePairing(target.ctx(), {
      ...{ id, rateCapBytesPerSecond: null, ...tenant },
      agents: agentIds.map((agentId) => ({ agentId, repositoryId, quotaBytes: null })),
    });

  it("is the new one that was named, with what the other core says of its customer", async () => {
    await send();
    const { id } = await pending();
    const { tenant } = await approveFor(id, { tenantName: "Harbour Ltd" });
    expect(tenant?.name).toBe("Harbour Ltd");
    expect(await target.db.prisma.tenant.findUnique({ where: { name: "Harbour Ltd" } })).toMatchObject({
      customerId: "C-7",
    });
  });

  it("is never one that happens to be called so, and not both", async () => {
    const { id: tenantId } = await target.db.prisma.tenant.create({ data: { name: "Harbour" } });
    await send();
    const { id } = await pending();
    const taken = { code: "conflict", options: { detail: "exists" } };
    await expect(approveFor(id, { tenantName: "Harbour" })).rejects.toMatchObject(taken);
    await expect(approveFor(id, { tenantName: "New", tenantId })).rejects.toMatchObject({ code: "invalid_input" });
    await expect(approveFor(id, { tenantId: randomUUID() })).rejects.toMatchObject({ code: "not_found" });
    const { tenant } = await approveFor(id, {});
    expect(tenant?.id).not.toBe(tenantId);
    expect(tenant?.name).toMatch(/^Harbour .{8}$/);
  });
});
