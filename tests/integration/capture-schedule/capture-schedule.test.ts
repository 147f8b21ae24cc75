import fs from "node:fs";
import { beforeEach, describe, expect, it } from "vitest";
import { captureDueAgents, sweepSchedules } from "@/lib/engine/capture-schedule";
import { assignPolicy, createPolicy } from "@/lib/engine/policies";
import { createSnapshotRule, updateSnapshotRule } from "@/lib/engine/snapshot-rules";
import { World } from "../capture/world";

const world = await World.start();
const { prisma } = world.db;
const HOUR_MS = 3600_000;

let count = 0;
/** An agent with a disk and a policy of one hourly rule, at the top of an hour. */
async function protectedAgent(more: object = {}) {
  count++;
  const disk = `${world.folder}/disk-${count}.img`;
  fs.writeFileSync(disk, Buffer.alloc(5000, count));
  const agent = await world.agent(`agent ${count}`, [{ kind: "image", name: "disk", path: disk }]);
  const rule = await createSnapshotRule(world.ctx, { name: `rule ${count}`, intervalMinutes: 60, ...more });
  const policy = await createPolicy(world.ctx, { name: `policy ${count}`, snapshotRuleIds: [rule.id] });
  await assignPolicy(world.ctx, { agentId: agent.id, policyId: policy.id });
  return { agentId: agent.id, rule, policy, disk };
}
const captures = (agentId: string) => prisma.task.findMany({ where: { agentId, kind: "capture" } });
const rowOf = (id: string) => prisma.agent.findUniqueOrThrow({ where: { id } });
const look = () => captureDueAgents(world.ctx);
async function finish(agentId: string) {
  for (const { id, state } of await captures(agentId)) if (state === "queued") await world.run(id);
}

beforeEach(async () => {
  await prisma.agent.updateMany({ data: { nextCaptureAt: null } });
  world.clockMs = Math.ceil(world.clockMs / HOUR_MS) * HOUR_MS + 60_000;
});

async function pairingWith(agentId: string, session: object) {
  const pairing = await prisma.pairing.create({
    data: {
      side: "source",
      state: "established",
      peerName: "x",
      requestKeyDigest: Buffer.from([count, 7]),
      verificationCode: "",
    },
  });
  return prisma.replicationSession.create({
    data: { side: "source", agentId, pairingId: pairing.id, rpoSeconds: 1800, ...session },
  });
}

describe("cycles of replication", () => {
  it("make a point at once, then one each half RPO, unless there is a newer one; paused sessions ask for none", async () => {
    const { agentId, policy } = await protectedAgent({ intervalMinutes: null, timeOfDay: "23:59" });
    const session = await pairingWith(agentId, { policyId: policy.id });
    await prisma.agent.update({ where: { id: agentId }, data: { nextCaptureAt: new Date(world.clockMs) } });
    await look();
    await finish(agentId);
    const points = () => prisma.recoveryPoint.findMany({ where: { agentId }, orderBy: { sequence: "asc" } });
    expect((await points()).map(({ origin }) => origin)).toEqual(["replication"]);
    world.clockMs += 14 * 60_000;
    await look();
    expect(await captures(agentId)).toHaveLength(1);
    await world.capture(agentId);
    world.clockMs += 2 * 60_000;
    await look();
    expect(await captures(agentId)).toHaveLength(2);
    world.clockMs += 15 * 60_000;
    await look();
    await finish(agentId);
    expect((await points()).map(({ origin }) => origin)).toEqual(["replication", "user", "replication"]);
    await prisma.replicationSession.update({ where: { id: session.id }, data: { state: "paused" } });
    world.clockMs += 60 * 60_000;
    await look();
    expect(await captures(agentId)).toHaveLength(3);
  });

  it("go on at the other core when the roles have changed and data flows back", async () => {
    const { agentId } = await protectedAgent();
    await prisma.agent.update({ where: { id: agentId }, data: { nextCaptureAt: null } });
    await pairingWith(agentId, { side: "target", state: "failed_over" });
    await sweepSchedules(world.ctx);
    expect((await rowOf(agentId)).nextCaptureAt).toBeNull();
    await prisma.replicationSession.updateMany({ where: { agentId }, data: { state: "ok" } });
    await sweepSchedules(world.ctx);
    await look();
    expect(await captures(agentId)).toHaveLength(1);
    expect((await captures(agentId))[0]?.input).toMatchObject({ origin: "replication" });
  });
});

describe("captures by policy", () => {
  it("begin at the slot and not before, once, and carry the rule and its end", async () => {
    const { agentId, rule } = await protectedAgent({ retentionHours: 48 });
    await look();
    expect(await captures(agentId)).toEqual([]);
    const slot = Math.ceil(world.clockMs / HOUR_MS) * HOUR_MS;
    expect((await rowOf(agentId)).nextCaptureAt?.getTime()).toBe(slot);
    world.clockMs = slot + 1000;
    await Promise.all([look(), look(), look()]);
    expect(await captures(agentId)).toHaveLength(1);
    await finish(agentId);
    await look();
    expect(await captures(agentId)).toHaveLength(1);
    const [point] = await prisma.recoveryPoint.findMany({ where: { agentId } });
    expect(point).toMatchObject({ origin: "scheduled", snapshotRuleId: rule.id });
    expect(point?.expiresAt?.getTime()).toBe((point?.createdAt.getTime() ?? 0) + 48 * HOUR_MS);
    expect((await rowOf(agentId)).nextCaptureAt?.getTime()).toBe(slot + HOUR_MS);
  });

  it("are not made twice by a worker that looked before another one made and finished them", async () => {
    const [first, second] = [await protectedAgent(), await protectedAgent()];
    await look();
    world.clockMs += HOUR_MS;
    let isOther = false;
    const slow = { ...world.ctx };
    slow.enqueue = async () => {
      if (isOther) return;
      isOther = true;
      await look();
      await finish(second.agentId);
    };
    await captureDueAgents(slow);
    expect(isOther).toBe(true);
    expect(await captures(first.agentId)).toHaveLength(1);
    expect(await captures(second.agentId)).toHaveLength(1);
  });

  it("that were missed while the core was off are caught up by one", async () => {
    const { agentId } = await protectedAgent();
    await look();
    world.clockMs += 50 * HOUR_MS;
    for (let index = 0; index < 3; index++) {
      await look();
      await finish(agentId);
    }
    expect(await captures(agentId)).toHaveLength(1);
  });

  it("follow a change of the rule at once, without losing a slot that is due and without catching up what never was", async () => {
    const { agentId, rule } = await protectedAgent();
    await look();
    world.clockMs += 30 * 60_000;
    await updateSnapshotRule(world.ctx, { id: rule.id, intervalMinutes: 5 });
    await look();
    expect(await captures(agentId)).toEqual([]);
    world.clockMs += 5 * 60_000;
    await updateSnapshotRule(world.ctx, { id: rule.id, name: `renamed ${count}` });
    await look();
    expect(await captures(agentId)).toHaveLength(1);
  });

  it("do not happen for an agent that another core leads, and are caught up once when it is this core's turn", async () => {
    const { agentId } = await protectedAgent();
    await look();
    const pairing = await prisma.pairing.create({
      data: {
        side: "source",
        state: "established",
        peerName: "x",
        requestKeyDigest: Buffer.from([count]),
        verificationCode: "",
      },
    });
    await prisma.agent.update({ where: { id: agentId }, data: { leadPairingId: pairing.id } });
    world.clockMs += 5 * HOUR_MS;
    await look();
    expect(await captures(agentId)).toEqual([]);
    await prisma.agent.update({ where: { id: agentId }, data: { leadPairingId: null } });
    await look();
    expect(await captures(agentId)).toHaveLength(1);
  });

  it("that cannot begin say why on the agent and as an alert, try again with the next slot only, and clear both then", async () => {
    const { agentId, disk } = await protectedAgent();
    await look();
    fs.renameSync(disk, `${disk}.away`);
    world.clockMs += HOUR_MS;
    await look();
    await look();
    expect(await captures(agentId)).toEqual([]);
    const agent = await rowOf(agentId);
    expect(agent.captureFailure).toContain("does not exist");
    expect(agent.nextCaptureAt?.getTime()).toBeGreaterThan(world.clockMs);
    const alert = () => prisma.alert.findFirstOrThrow({ where: { subjectId: agentId } });
    expect(await alert()).toMatchObject({ kind: "capture-failing", count: 1, clearedAt: null });
    fs.renameSync(`${disk}.away`, disk);
    world.clockMs += HOUR_MS;
    await look();
    expect(await captures(agentId)).toHaveLength(1);
    expect((await rowOf(agentId)).captureFailure).toBeNull();
    expect((await alert()).clearedAt).not.toBeNull();
  });

  it("of one agent do not wait for those of another that cannot begin", async () => {
    const [broken, fine] = [await protectedAgent(), await protectedAgent()];
    fs.rmSync(broken.disk);
    await look();
    world.clockMs += HOUR_MS;
    await look();
    expect(await captures(fine.agentId)).toHaveLength(1);
  });

  it("end when the policy is taken away", async () => {
    const { agentId } = await protectedAgent();
    await look();
    await assignPolicy(world.ctx, { agentId, policyId: null });
    expect(await rowOf(agentId)).toMatchObject({ nextCaptureAt: null, scheduledUpTo: null });
    world.clockMs += 5 * HOUR_MS;
    await look();
    expect(await captures(agentId)).toEqual([]);
  });

  it("of a volume with a policy of its own are of that volume alone", async () => {
    const { agentId } = await protectedAgent();
    fs.writeFileSync(`${world.folder}/second-${count}.img`, "second");
    const volume = await prisma.volume.create({
      data: { agentId, name: "second", kind: "image", path: `${world.folder}/second-${count}.img` },
    });
    const often = await createSnapshotRule(world.ctx, { name: `often ${count}`, intervalMinutes: 15 });
    const policy = await createPolicy(world.ctx, { name: `own ${count}`, snapshotRuleIds: [often.id] });
    await assignPolicy(world.ctx, { volumeId: volume.id, policyId: policy.id });
    await look();
    world.clockMs += 15 * 60_000;
    await look();
    await finish(agentId);
    const points = await prisma.recoveryPoint.findMany({ where: { agentId }, include: { images: true } });
    expect(points.map(({ images }) => images.map(({ volumeId }) => volumeId))).toEqual([[volume.id]]);
  });
});
