import { randomUUID } from "node:crypto";
import { deleteAgent } from "@/lib/engine/agents";
import type { EngineContext } from "@/lib/engine/context";
import { removeOrphanedImage } from "@/lib/engine/orphaned-images";
import { approvePairing, deletePairing, listPairings, sendPairingRequest, updatePairing } from "@/lib/engine/pairing";
import { approveAgents } from "@/lib/engine/pairing/agents";
import { assignPolicy, createPolicy, updatePolicy } from "@/lib/engine/policies";
import { createPlan, updatePlan } from "@/lib/engine/policy-plans";
import { updateProtection } from "@/lib/engine/protection";
import type { CoreAction } from "@/lib/engine/protection/actions";
import { deleteVolumeImage, removeRecoveryPoint, updateRecoveryPoint } from "@/lib/engine/recovery-points";
import { failOverSession } from "@/lib/engine/sessions";
import { createSnapshotRule, updateSnapshotRule } from "@/lib/engine/snapshot-rules";
import { deleteMember, deleteVolumeGroup } from "@/lib/engine/volume-groups/delete";
import { requestTo } from "@/tests/support/pair";
import { PeerCore, withAgents } from "@/tests/support/peer-core";
import type { ProtectedWorld } from "./world";

/** Something protected that is about to happen, and a way to see whether it did. */
export interface Scene {
  readonly act: (ctx: EngineContext) => Promise<unknown>;
  readonly happened: () => Promise<boolean>;
}

type SetScene = (world: ProtectedWorld) => Promise<Scene>;

const mark = () => randomUUID().slice(0, 8);
const ruleOf = (world: ProtectedWorld, retentionHours: number | null) =>
  createSnapshotRule(world.core.ctx(), { name: `rule ${mark()}`, intervalMinutes: 60, retentionHours });

let asker: PeerCore | undefined;

async function pendingRequest(world: ProtectedWorld): Promise<{ id: string; agentId: string }> {
  asker ??= await PeerCore.start("Asker");
  const [agentId = ""] = (await withAgents(asker, [`agent ${mark()}`])).agentIds;
  await sendPairingRequest(asker.ctx(), requestTo(world.core.url, [agentId]));
  const { items } = await listPairings(world.core.ctx(), { state: "pending", side: "target", limit: 50 });
  const found = items.find(({ wantedAgents }) => wantedAgents.some((wanted) => wanted.agentId === agentId));
  return { id: found?.id ?? "", agentId };
}

const pointScene = async (
  world: ProtectedWorld,
  act: (point: Awaited<ReturnType<ProtectedWorld["agentWithPoint"]>>) => (ctx: EngineContext) => Promise<unknown>,
): Promise<Scene> => {
  const point = await world.agentWithPoint();
  return {
    act: act(point),
    happened: async () => (await world.prisma.recoveryPoint.count({ where: { id: point.pointId } })) === 0,
  };
};

const deletionScene = async (
  world: ProtectedWorld,
  act: (agent: { agentId: string; volumeId: string }) => (ctx: EngineContext) => Promise<unknown>,
): Promise<Scene> => {
  const { agentId } = await world.agentWithPoint();
  await world.prisma.agent.update({ where: { id: agentId }, data: { isSingleVolume: true } });
  const volume = await world.prisma.volume.findFirstOrThrow({ where: { agentId } });
  return {
    act: act({ agentId, volumeId: volume.id }),
    happened: async () => (await world.prisma.agent.count({ where: { id: agentId, deletionAskedAt: null } })) === 0,
  };
};

/** One scene for each protected action that the core does by itself when it was agreed to: a new one without does not compile. */
export const CASES: Readonly<Record<CoreAction, SetScene>> = {
  "recovery-point.delete": (world) =>
    pointScene(
      world,
      ({ pointId }) =>
        (ctx) =>
          removeRecoveryPoint(ctx, { id: pointId }),
    ),
  "volume-image.delete": (world) =>
    pointScene(
      world,
      ({ imageId, tenantId }) =>
        (ctx) =>
          deleteVolumeImage(ctx, { id: imageId, tenantId }),
    ),
  "agent.delete": (world) =>
    deletionScene(
      world,
      ({ agentId }) =>
        (ctx) =>
          deleteAgent(ctx, { id: agentId }),
    ),
  "volume-group.delete": (world) =>
    deletionScene(
      world,
      ({ agentId }) =>
        (ctx) =>
          deleteVolumeGroup(ctx, { agentId, withMembers: true }),
    ),
  "volume.delete": (world) =>
    deletionScene(
      world,
      ({ volumeId }) =>
        (ctx) =>
          deleteMember(ctx, { volumeId }),
    ),
  "orphaned-image.remove": async (world) => {
    const { agentId } = await world.agentWithPoint();
    const volume = await world.prisma.volume.findFirstOrThrow({ where: { agentId } });
    const id = randomUUID();
    const shown = {
      volumeId: volume.id,
      volumeName: "disk",
      kind: "stream",
      sequence: 9n,
      createdAt: new Date(),
    } as const;
    const size = { sizeBytes: 1n, recordCount: 1, manifestDigest: Buffer.alloc(32), reason: "point-gone" };
    await world.prisma.orphanedImage.create({
      data: { id, agentId, repositoryId: world.repositoryId, recoveryPointId: randomUUID(), ...shown, ...size },
    });
    return {
      act: (ctx) => removeOrphanedImage(ctx, { id }),
      happened: async () => (await world.prisma.orphanedImage.count({ where: { id } })) === 0,
    };
  },
  "recovery-point.unlock": async (world) => {
    const { pointId: id } = await world.agentWithPoint();
    await world.prisma.recoveryPoint.update({ where: { id }, data: { locked: true } });
    return {
      act: (ctx) => updateRecoveryPoint(ctx, { id, locked: false }),
      happened: async () => !(await world.prisma.recoveryPoint.findUniqueOrThrow({ where: { id } })).locked,
    };
  },
  "snapshot-rule.update": async (world) => {
    const { id } = await ruleOf(world, 240);
    return {
      act: (ctx) => updateSnapshotRule(ctx, { id, retentionHours: 24 }),
      happened: async () =>
        (await world.prisma.snapshotRule.findUniqueOrThrow({ where: { id } })).retentionHours === 24,
    };
  },
  "policy.update": async (world) => {
    const [long, short] = [await ruleOf(world, null), await ruleOf(world, 24)];
    const policy = await createPolicy(world.core.ctx(), { name: `policy ${mark()}`, snapshotRuleIds: [long.id] });
    return {
      act: (ctx) => updatePolicy(ctx, { id: policy.id, snapshotRuleIds: [short.id] }),
      happened: async () => (await world.prisma.policySnapshotRule.count({ where: { snapshotRuleId: short.id } })) > 0,
    };
  },
  "policy.assign": async (world) => {
    const ctx = world.core.ctx();
    const { agentId } = await world.agentWithPoint();
    const policyOf = async (hours: number) =>
      createPolicy(ctx, { name: `policy ${mark()}`, snapshotRuleIds: [(await ruleOf(world, hours)).id] });
    const [long, short] = [await policyOf(240), await policyOf(24)];
    await assignPolicy(ctx, { agentId, policyId: long.id });
    return {
      act: (asking) => assignPolicy(asking, { agentId, policyId: short.id }),
      happened: async () => (await world.prisma.agent.count({ where: { id: agentId, policyId: short.id } })) > 0,
    };
  },
  "policy-plan.update": async (world) => {
    const schedules = [{ timeOfDay: "02:00", daysOfWeek: [] }];
    const keeping = (retentionCount: number) =>
      ({ kind: "capture", schedules, retentionHours: null, retentionCount }) as const;
    const { id } = await createPlan(world.core.ctx(), { name: `plan ${mark()}`, work: keeping(9) });
    const where = { policies: { some: { policyId: id } }, retentionCount: 2 };
    return {
      act: (ctx) => updatePlan(ctx, { id, work: keeping(2) }),
      happened: async () => (await world.prisma.snapshotRule.count({ where })) > 0,
    };
  },
  "pairing.delete": async (world) => {
    const id = await world.pairing();
    return {
      act: (ctx) => deletePairing(ctx, { id, deleteRecoveryPoints: true }),
      happened: async () => (await world.prisma.pairing.findUniqueOrThrow({ where: { id } })).state === "deleted",
    };
  },
  "pairing.update": async (world) => {
    const id = await world.pairing();
    return {
      act: (ctx) => updatePairing(ctx, { id, acceptRepositoryId: world.repositoryId }),
      happened: async () =>
        (await world.prisma.pairing.findUniqueOrThrow({ where: { id } })).acceptRepositoryId !== null,
    };
  },
  "pairing.approve": async (world) => {
    const { id, agentId } = await pendingRequest(world);
    const agents = [{ agentId, repositoryId: world.repositoryId, quotaBytes: null }];
    return {
      act: (ctx) => approvePairing(ctx, { id, agents, rateCapBytesPerSecond: null }),
      happened: async () => (await world.prisma.pairing.findUniqueOrThrow({ where: { id } })).state === "established",
    };
  },
  "pairing.approve-agents": async (world) => {
    const id = await world.pairing();
    const tenant = await world.prisma.tenant.findUniqueOrThrow({ where: { name: "Home" } });
    await world.prisma.pairing.update({ where: { id }, data: { tenantId: tenant.id } });
    const agentId = randomUUID();
    const wish = { pairingId: id, agentId, name: "more", hostName: "more", sizeBytes: 1n };
    await world.prisma.pairingAgent.create({ data: wish });
    const agents = [{ agentId, repositoryId: world.repositoryId, quotaBytes: null }];
    return {
      act: (ctx) => approveAgents(ctx, { id, agents }),
      happened: async () => (await world.prisma.agent.count({ where: { id: agentId } })) > 0,
    };
  },
  "session.fail-over": async (world) => {
    const { agentId } = await world.agentWithPoint();
    const pairingId = await world.pairing();
    await world.prisma.agent.update({ where: { id: agentId }, data: { pairingId, leadPairingId: pairingId } });
    const row = { id: randomUUID(), side: "target", role: "destination", state: "ok", agentId, pairingId } as const;
    const { id } = await world.prisma.replicationSession.create({ data: row });
    return {
      act: (ctx) => failOverSession(ctx, { id, kind: "unplanned" }),
      happened: async () => (await world.prisma.replicationSession.findUniqueOrThrow({ where: { id } })).state !== "ok",
    };
  },
  "protection.update": async (world) => {
    const rule = "export-keys" as const;
    const before = await world.prisma.setting.findUnique({ where: { name: "protection" } });
    const { secondPerson = [] } = (before?.value ?? {}) as { secondPerson?: never[] };
    await world.requireSecondPerson([...new Set([...secondPerson, rule])]);
    return {
      act: (ctx) => updateProtection(ctx, { secondPerson: [] }),
      happened: async () => {
        const now = await world.prisma.setting.findUniqueOrThrow({ where: { name: "protection" } });
        return !(now.value as { secondPerson: string[] }).secondPerson.includes(rule);
      },
    };
  },
};
