import { randomUUID } from "node:crypto";
import { beforeEach, describe, expect, it } from "vitest";
import { deletePairing, updatePairing } from "@/lib/engine/pairing";
import { approveAgents, denyAgents } from "@/lib/engine/pairing/agents";
import { hearAnswers } from "@/lib/engine/pairing/agents/hear";
import type { ReplicationPairingStatus } from "@/lib/engine/pairing/peer-schemas";
import { assignPolicy, createPolicy, updatePolicy } from "@/lib/engine/policies";
import { createReplicationRule, updateReplicationRule } from "@/lib/engine/replication-rules";
import { wakeDueSessions } from "@/lib/engine/sessions";
import { createSnapshotRule } from "@/lib/engine/snapshot-rules";
import { pairCores } from "../../support/pair";
import { PeerCore, withAgents } from "../../support/peer-core";

const source = await PeerCore.start("first site");
const target = await PeerCore.start("second site");
const third = await PeerCore.start("third site");
const pair = await pairCores(source, target);
const other = await pairCores(source, third);
const { repositoryId } = await withAgents(target, []);
const ctx = source.ctx();
const { prisma } = source.db;

let count = 0;
const fresh = (text: string) => `${text} ${++count}`;
const rule = (more: object = {}) =>
  createReplicationRule(ctx, { name: fresh("copy"), pairingId: pair.sourceId, rpoSeconds: 1800, ...more });
const policyOf = async (...ids: string[]) =>
  (await createPolicy(ctx, { name: fresh("policy"), replicationRuleIds: ids })).id;
const newAgent = async () => (await withAgents(source, [fresh("agent")])).agentIds[0] ?? "";
const sessionsOf = (agentId: string, core = source) =>
  core.db.prisma.replicationSession.findMany({ where: { agentId }, orderBy: { createdAt: "asc" } });
const sessionOf = async (agentId: string, core = source) => (await sessionsOf(agentId, core))[0];
const wishOf = (agentId: string, core = source) => core.db.prisma.pairingAgent.findFirst({ where: { agentId } });
const acceptLater = (id: string | null) =>
  target.db.prisma.pairing.update({ where: { id: pair.targetId }, data: { acceptRepositoryId: id } });

async function protectedAgent(): Promise<{ agentId: string; policyId: string; ruleId: string }> {
  const { id: ruleId } = await rule();
  const policyId = await policyOf(ruleId);
  const agentId = await newAgent();
  await assignPolicy(ctx, { agentId, policyId });
  return { agentId, policyId, ruleId };
}

beforeEach(async () => {
  source.jobs = [];
  await acceptLater(repositoryId);
});

describe("assigning a policy", () => {
  it("makes a session at once, which begins when the target has taken the agent in, under one id on both cores", async () => {
    const { agentId, policyId, ruleId } = await protectedAgent();
    expect(await sessionsOf(agentId)).toMatchObject([
      {
        state: "initializing",
        rpoSeconds: 1800,
        policyId,
        replicationRuleId: ruleId,
        madeByPolicy: true,
      },
    ]);
    await source.runPolls();
    const [here, there] = [await sessionOf(agentId), await sessionOf(agentId, target)];
    expect(there).toMatchObject({ id: here?.id, side: "target", role: "destination" });
    expect(here?.nextRunAt).not.toBeNull();
    expect(source.jobs).toContainEqual({ name: "run-replication", payload: { sessionId: here?.id } });
    const [taken] = await target.db.prisma.agent.findMany({ where: { id: agentId } });
    expect(taken).toMatchObject({ repositoryId, pairingId: pair.targetId, leadPairingId: pair.targetId });
  });

  it("waits for a person on the target where nobody said that later agents are welcome", async () => {
    await acceptLater(null);
    const { agentId } = await protectedAgent();
    await source.runPolls();
    expect(await sessionOf(agentId, target)).toBeUndefined();
    expect(await wishOf(agentId)).toMatchObject({ state: "pending" });
    source.jobs = [];
    await wakeDueSessions(ctx);
    const { id } = (await sessionOf(agentId)) ?? { id: "" };
    const run = { name: "run-replication", payload: { sessionId: id } };
    expect(source.jobs).not.toContainEqual(run);
    const agents = [{ agentId, repositoryId, quotaBytes: null }];
    await approveAgents(target.ctx(), { id: pair.targetId, agents });
    source.jobs = [{ name: "poll-pairing", payload: { pairingId: pair.sourceId } }];
    await source.runPolls();
    await wakeDueSessions(ctx);
    expect(source.jobs).toContainEqual(run);
  });

  it("hears a no, which ends the session; the same policy does not ask again, another one does", async () => {
    await acceptLater(null);
    const { agentId, ruleId } = await protectedAgent();
    await source.runPolls();
    await denyAgents(target.ctx(), { id: pair.targetId, agentIds: [agentId], message: "Not this one." });
    await source.runPolls();
    expect(await sessionOf(agentId)).toMatchObject({ state: "ended" });
    await updateReplicationRule(ctx, { id: ruleId, name: fresh("renamed") });
    expect(await wishOf(agentId)).toMatchObject({ state: "denied", message: "Not this one." });
    await acceptLater(repositoryId);
    await assignPolicy(ctx, { agentId, policyId: await policyOf(ruleId) });
    expect(await wishOf(agentId)).toMatchObject({ state: "pending", sentAt: null });
    await source.runPolls();
    expect(await sessionOf(agentId)).toMatchObject({ state: "initializing", nextRunAt: expect.any(Date) });
  });

  it("takes an older no for no answer to a wish that the target has not heard yet", async () => {
    await acceptLater(null);
    const { agentId } = await protectedAgent();
    const status = {
      agents: [{ agentId, agentPairingState: "Rejected" as const, message: "Long ago." }],
    } as unknown as ReplicationPairingStatus;
    await hearAnswers(ctx, { pairingId: pair.sourceId, status });
    expect(await sessionOf(agentId)).toMatchObject({ state: "initializing" });
    expect(await wishOf(agentId)).toMatchObject({ state: "pending", message: "" });
  });

  it("asks again until the target can be reached, without asking it twice", async () => {
    await target.stopListening();
    const { agentId } = await protectedAgent();
    await expect(source.runPolls()).rejects.toMatchObject({ code: "unavailable" });
    await target.listen();
    source.jobs = [{ name: "poll-pairing", payload: { pairingId: pair.sourceId } }];
    await source.runPolls();
    expect((await sessionOf(agentId))?.nextRunAt).not.toBeNull();
    expect(await target.db.prisma.replicationSession.count({ where: { agentId } })).toBe(1);
  });

  it("does not take an agent in that belongs to somebody else over there: a person is asked", async () => {
    const { agentId } = await protectedAgent();
    const tenant = await target.db.prisma.tenant.findUniqueOrThrow({ where: { name: "Home" } });
    await target.db.prisma.agent.create({
      data: { id: agentId, name: "theirs", hostName: "h", tenantId: tenant.id, repositoryId },
    });
    await source.runPolls();
    expect(await wishOf(agentId, target)).toMatchObject({ state: "pending" });
    expect(await sessionOf(agentId, target)).toBeUndefined();
  });

  it("leaves a session that the pairing made in its place, and only its RPO follows the policy", async () => {
    const agentId = pair.agentIds[0] ?? "";
    const before = await sessionOf(agentId);
    const { id: ruleId } = await rule({ rpoSeconds: 600 });
    await assignPolicy(ctx, { agentId, policyId: await policyOf(ruleId) });
    expect(await sessionOf(agentId)).toMatchObject({ id: before?.id, rpoSeconds: 600, madeByPolicy: false });
    await assignPolicy(ctx, { agentId, policyId: null });
    const after = await sessionOf(agentId);
    expect(after).toMatchObject({ id: before?.id, state: before?.state, rpoSeconds: 3600, policyId: null });
  });

  it("of two rules for one target, on the agent and on its volume, follows the shorter RPO", async () => {
    const [long, short] = [await rule({ rpoSeconds: 7200 }), await rule({ rpoSeconds: 900 })];
    const agentId = await newAgent();
    const volume = await prisma.volume.create({ data: { agentId, name: "disk", kind: "image", path: "/nowhere" } });
    await assignPolicy(ctx, { agentId, policyId: await policyOf(long.id) });
    await assignPolicy(ctx, { volumeId: volume.id, policyId: await policyOf(short.id) });
    expect(await sessionsOf(agentId)).toMatchObject([{ rpoSeconds: 900, replicationRuleId: short.id }]);
    await assignPolicy(ctx, { volumeId: volume.id, policyId: null });
    expect(await sessionsOf(agentId)).toMatchObject([{ rpoSeconds: 7200, replicationRuleId: long.id }]);
  });
});

describe("taking a policy away", () => {
  it("removes its session on both cores; what the target holds stays, and comes back with the policy", async () => {
    const { agentId, policyId } = await protectedAgent();
    await source.runPolls();
    await assignPolicy(ctx, { agentId, policyId: null });
    expect(await sessionOf(agentId)).toMatchObject({ state: "deleting" });
    await source.runPolls();
    expect(await sessionsOf(agentId)).toEqual([]);
    expect(await sessionsOf(agentId, target)).toEqual([]);
    expect(await target.db.prisma.agent.count({ where: { id: agentId } })).toBe(1);
    // Another poll does not bring it back.
    source.jobs = [{ name: "poll-pairing", payload: { pairingId: pair.sourceId } }];
    await source.runPolls();
    expect(await sessionsOf(agentId)).toEqual([]);
    // A replica goes on without a person, also where later agents are not welcome.
    await acceptLater(null);
    await assignPolicy(ctx, { agentId, policyId });
    await source.runPolls();
    expect((await sessionOf(agentId))?.nextRunAt).not.toBeNull();
    expect(await sessionOf(agentId, target)).toMatchObject({ state: "initializing" });
  });

  it("is heard by a target that was away, and nothing is lost when the policy comes back before that", async () => {
    const { agentId, policyId } = await protectedAgent();
    await source.runPolls();
    await target.stopListening();
    await assignPolicy(ctx, { agentId, policyId: null });
    await expect(source.runPolls()).rejects.toMatchObject({ code: "unavailable" });
    expect(await sessionOf(agentId)).toMatchObject({ state: "deleting" });
    await assignPolicy(ctx, { agentId, policyId });
    await target.listen();
    source.jobs = [{ name: "poll-pairing", payload: { pairingId: pair.sourceId } }];
    await source.runPolls();
    expect(await sessionOf(agentId)).toMatchObject({ state: "initializing", nextRunAt: expect.any(Date) });
    expect(await sessionOf(agentId, target)).toMatchObject({ side: "target" });
  });

  it("waits for a run that still holds its lease", async () => {
    const { agentId } = await protectedAgent();
    await source.runPolls();
    const sessionId = (await sessionOf(agentId))?.id ?? "";
    const run = await prisma.run.create({ data: { sessionId, state: "running", leaseOwner: "worker" } });
    await prisma.$executeRaw`update run set lease_until = now() + interval '1 minute' where id = ${run.id}::uuid`;
    await assignPolicy(ctx, { agentId, policyId: null });
    expect((await prisma.run.findUniqueOrThrow({ where: { id: run.id } })).cancelRequestedAt).not.toBeNull();
    await source.runPolls();
    expect(await sessionOf(agentId)).toMatchObject({ state: "deleting" });
    await prisma.run.update({
      where: { id: run.id },
      data: { leaseOwner: null, leaseUntil: null, state: "cancelled" },
    });
    await source.runPolls();
    expect(await sessionsOf(agentId)).toEqual([]);
  });

  it("leaves a session alone that the target leads, or tests", async () => {
    const { agentId } = await protectedAgent();
    await source.runPolls();
    await target.db.prisma.replicationSession.updateMany({ where: { agentId }, data: { testAgentId: randomUUID() } });
    await assignPolicy(ctx, { agentId, policyId: null });
    await source.runPolls();
    expect(await sessionOf(agentId)).toMatchObject({ state: "deleting" });
    expect(await sessionsOf(agentId, target)).toHaveLength(1);
    await target.db.prisma.replicationSession.updateMany({ where: { agentId }, data: { testAgentId: null } });
    source.jobs = [{ name: "poll-pairing", payload: { pairingId: pair.sourceId } }];
    await source.runPolls();
    expect(await sessionsOf(agentId)).toEqual([]);
  });
});

describe("editing a policy in use", () => {
  it("replaces the sessions when its rule goes to another target", async () => {
    const { agentId, ruleId } = await protectedAgent();
    await source.runPolls();
    await updateReplicationRule(ctx, { id: ruleId, pairingId: other.sourceId });
    expect(await sessionsOf(agentId)).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ pairingId: pair.sourceId, state: "deleting" }),
        expect.objectContaining({ pairingId: other.sourceId, state: "initializing" }),
      ]),
    );
    await source.runPolls();
    expect((await sessionsOf(agentId)).map(({ pairingId }) => pairingId)).toEqual([other.sourceId]);
    expect(await target.db.prisma.agent.count({ where: { id: agentId } })).toBe(1);
  });

  it("ends and begins the sessions of everything it protects", async () => {
    const { id: ruleId } = await rule();
    const snapshots = await createSnapshotRule(ctx, { name: fresh("hourly"), intervalMinutes: 60 });
    const policy = await createPolicy(ctx, { name: fresh("policy"), snapshotRuleIds: [snapshots.id] });
    const { agentIds } = await withAgents(source, [fresh("a"), fresh("b"), fresh("c")]);
    for (const agentId of agentIds) await assignPolicy(ctx, { agentId, policyId: policy.id });
    const states = async () =>
      (await prisma.replicationSession.findMany({ where: { agentId: { in: agentIds } } })).map(({ state }) => state);
    expect(await states()).toEqual([]);
    await updatePolicy(ctx, { id: policy.id, addReplicationRuleIds: [ruleId] });
    expect(await states()).toEqual(["initializing", "initializing", "initializing"]);
    await updatePolicy(ctx, { id: policy.id, removeReplicationRuleIds: [ruleId] });
    expect(await states()).toEqual(["deleting", "deleting", "deleting"]);
  });

  it("makes one session for each agent, also when several change it at once", async () => {
    const { id: ruleId } = await rule();
    const agentId = await newAgent();
    const policies = await Promise.all([policyOf(ruleId), policyOf(ruleId)]);
    await Promise.all(
      [...policies, ...policies]
        .map((policyId) => assignPolicy(ctx, { agentId, policyId }))
        .concat([assignPolicy(ctx, { agentId, policyId: policies[0] ?? null })]),
    );
    expect(await sessionsOf(agentId)).toHaveLength(1);
  });
});

describe("a pairing that takes later agents in", () => {
  const change = (input: object, core = target, id = pair.targetId) => updatePairing(core.ctx(), { id, ...input });

  it("says where, and takes it back; only on the target, and only a repository that is there", async () => {
    expect((await change({ acceptRepositoryId: repositoryId })).acceptRepository?.id).toBe(repositoryId);
    expect((await change({ rateCapBytesPerSecond: null })).acceptRepository?.id).toBe(repositoryId);
    await expect(change({ acceptRepositoryId: randomUUID() })).rejects.toMatchObject({ code: "not_found" });
    await expect(change({ acceptRepositoryId: repositoryId }, source, pair.sourceId)).rejects.toMatchObject({
      code: "conflict",
      options: { detail: "wrong-side" },
    });
    expect((await change({ acceptRepositoryId: null })).acceptRepository).toBeNull();
  });
});

describe("a pairing that ends", () => {
  it("takes the replicas of its source's policies along", async () => {
    const ending = await PeerCore.start("fourth site");
    const { targetId, agentIds } = await pairCores(source, ending);
    const { prisma: there } = ending.db;
    const policy = await there.policy.create({ data: { name: "theirs", pairingId: targetId } });
    await there.agent.updateMany({ where: { id: { in: agentIds } }, data: { policyId: policy.id } });
    await deletePairing(ending.ctx(), { id: targetId });
    expect(await there.policy.count()).toBe(0);
    expect(await there.agent.count({ where: { id: { in: agentIds }, policyId: null } })).toBe(1);
  });
});
