import { beforeEach, describe, expect, it } from "vitest";
import { getAgent } from "@/lib/engine/agents";
import { startMetadataUpdate } from "@/lib/engine/metadata";
import { endReplicationsByPeer } from "@/lib/engine/pairing/agents/end";
import { assignPolicy, createPolicy, listPolicies, updatePolicy } from "@/lib/engine/policies";
import { createReplicationRule, updateReplicationRule } from "@/lib/engine/replication-rules";
import { createSnapshotRule } from "@/lib/engine/snapshot-rules";
import { noise } from "../replication/records";
import { TwoCores } from "../replication/two-cores";

const cores = await TwoCores.start();
const { source, target, ids } = cores;
let count = 0;
const fresh = (text: string) => `${text} ${++count}`;
async function newPolicy(more: object = {}) {
  const rule = await createSnapshotRule(source.ctx, { name: fresh("hourly"), intervalMinutes: 60, retentionHours: 24 });
  const policy = await createPolicy(source.ctx, { name: fresh("gold"), snapshotRuleIds: [rule.id], ...more });
  return { rule, policy };
}
const replicas = async () => (await listPolicies(target.ctx, { limit: 50, origin: "replica" })).items;
const assign = (policyId: string | null) => assignPolicy(source.ctx, { agentId: ids.agentId, policyId });

beforeEach(async () => {
  await source.db.prisma.pairingAgent.deleteMany();
});

describe("a policy on the source", () => {
  it("appears on the target as a replica with its rules, follows each change, and goes when no agent has it", async () => {
    const { policy, rule } = await newPolicy();
    await assign(policy.id);
    await cores.run();
    expect(await replicas()).toMatchObject([
      {
        id: policy.id,
        name: policy.name,
        replicaOf: { name: "source" },
        snapshotRules: [{ id: rule.id, name: rule.name, summary: "every hour, keep 1 day" }],
        agents: 1,
      },
    ]);
    expect((await getAgent(target.ctx, { id: ids.agentId })).policies).toEqual([
      { id: policy.id, name: policy.name, summary: "every hour, keep 1 day" },
    ]);
    await updatePolicy(source.ctx, { id: policy.id, name: fresh("platinum") });
    await cores.run();
    expect((await replicas()).map(({ name }) => name)).toEqual([`platinum ${count}`]);
    const other = await newPolicy();
    await assign(other.policy.id);
    await cores.run();
    expect((await replicas()).map(({ id }) => id)).toEqual([other.policy.id]);
    await assign(null);
    await cores.run();
    expect(await replicas()).toEqual([]);
  });

  it("of a volume appears on that volume", async () => {
    const { policy } = await newPolicy();
    const volumeId = ids.volumeIds.disk ?? "";
    await assignPolicy(source.ctx, { volumeId, policyId: policy.id });
    await cores.run();
    expect(await target.db.prisma.volume.findUnique({ where: { id: volumeId } })).toMatchObject({
      policyId: policy.id,
    });
    expect(await target.db.prisma.agent.findUnique({ where: { id: ids.agentId } })).toMatchObject({ policyId: null });
    await assignPolicy(source.ctx, { volumeId, policyId: null });
    await cores.run();
    expect(await replicas()).toEqual([]);
  });

  it("tells the RPO of the session, at once when its rule changes", async () => {
    const pairingId = ids.sourcePairingId;
    const rule = await createReplicationRule(source.ctx, { name: fresh("copy"), pairingId, rpoSeconds: 900 });
    const { policy } = await newPolicy({ replicationRuleIds: [rule.id] });
    await assign(policy.id);
    await cores.run();
    const there = () => target.db.prisma.replicationSession.findFirstOrThrow({ where: { agentId: ids.agentId } });
    expect((await there()).rpoSeconds).toBe(900);
    await updateReplicationRule(source.ctx, { id: rule.id, rpoSeconds: 7200 });
    await cores.run();
    expect((await there()).rpoSeconds).toBe(7200);
    expect((await replicas())[0]?.replicationRules[0]?.summary).toContain("at most 2 hours behind");
    await assign(null);
  });

  it("does not take the place of a policy of the target that has its id", async () => {
    const { policy } = await newPolicy();
    await target.db.prisma.policy.create({ data: { id: policy.id, name: "ours" } });
    await assign(policy.id);
    await cores.run();
    expect(await target.db.prisma.policy.findUnique({ where: { id: policy.id } })).toMatchObject({ name: "ours" });
    expect(await target.db.prisma.agent.findUnique({ where: { id: ids.agentId } })).toMatchObject({ policyId: null });
    await target.db.prisma.policy.delete({ where: { id: policy.id } });
    await assign(null);
  });
});

describe("a recovery point", () => {
  it("tells the target what made it", async () => {
    const { rule } = await newPolicy();
    const id = await cores.capture({ disk: noise("scheduled", 40_000) });
    await source.db.prisma.recoveryPoint.update({
      where: { id },
      data: { origin: "scheduled", snapshotRuleId: rule.id, expiresAt: new Date(0) },
    });
    await cores.run();
    // Its end is the source's alone: what stays on the target is decided there.
    expect(await target.db.prisma.recoveryPoint.findUnique({ where: { id } })).toMatchObject({
      origin: "scheduled",
      snapshotRuleId: rule.id,
      expiresAt: null,
    });
  });
});

describe("a volume", () => {
  it("tells its managed size and description", async () => {
    const volumeId = ids.volumeIds.disk ?? "";
    const data = { managedBytes: 1_048_576n, description: "the database" };
    await source.db.prisma.volume.update({ where: { id: volumeId }, data });
    await cores.run();
    expect(await target.db.prisma.volume.findUnique({ where: { id: volumeId } })).toMatchObject({
      ...data,
      path: null,
    });
  });
});

describe("a volume that the source gave to another of its agents", () => {
  const peer = () => target.as({ kind: "peer", pairingId: ids.targetPairingId, name: "source" });
  const otherAgent = async (pairingId: string | null) => {
    const { tenantId, repositoryId } = target;
    const data = { name: fresh("agent"), hostName: "h", tenantId, repositoryId, pairingId, leadPairingId: pairingId };
    const { id } = await target.db.prisma.agent.create({ data });
    if (pairingId)
      await target.db.prisma.replicationSession.create({
        data: { side: "target", role: "destination", agentId: id, pairingId },
      });
    return id;
  };
  const volume = { id: ids.volumeIds.disk ?? "", displayName: "moved", volumeKind: "image" as const };

  it("moves over there too, and its images stay with the first agent", async () => {
    await cores.capture({ disk: noise("before the move", 40_000) });
    await cores.run();
    const before = await target.db.prisma.volumeImage.count({ where: { volume: { agentId: ids.agentId } } });
    const agentId = await otherAgent(ids.targetPairingId);
    await startMetadataUpdate(peer(), { agentId, volumes: [volume] });
    await startMetadataUpdate(peer(), { agentId, volumes: [volume] });
    expect(await target.db.prisma.volume.findUnique({ where: { id: volume.id } })).toMatchObject({
      agentId,
      name: "moved",
    });
    expect(await target.db.prisma.volumeImage.count({ where: { volume: { agentId: ids.agentId } } })).toBe(before);
    expect(before).toBeGreaterThan(0);
  });

  it("is not there for an agent of somebody else", async () => {
    const stranger = await otherAgent(null);
    await target.db.prisma.volume.update({ where: { id: volume.id }, data: { agentId: stranger } });
    const agentId = await otherAgent(ids.targetPairingId);
    await expect(startMetadataUpdate(peer(), { agentId, volumes: [volume] })).rejects.toMatchObject({
      code: "not_found",
    });
    expect(await target.db.prisma.volume.findUnique({ where: { id: volume.id } })).toMatchObject({ agentId: stranger });
    await target.db.prisma.volume.update({ where: { id: volume.id }, data: { agentId: ids.agentId, name: "disk" } });
  });
});

describe("the end of a session by its source", () => {
  it("takes the replicas of its policies along", async () => {
    const { policy } = await newPolicy();
    await assign(policy.id);
    await cores.run();
    expect(await replicas()).toHaveLength(1);
    const peer = target.as({ kind: "peer", pairingId: ids.targetPairingId, name: "source" });
    for (let again = 0; again < 2; again++)
      expect(await endReplicationsByPeer(peer, { agentIds: [ids.agentId] })).toEqual({ agentIds: [ids.agentId] });
    expect(await replicas()).toEqual([]);
    expect((await getAgent(target.ctx, { id: ids.agentId })).policies).toEqual([]);
  });
});
