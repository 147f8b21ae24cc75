import fs from "node:fs";
import { beforeEach, describe, expect, it } from "vitest";
import { updateRecoveryPoint } from "@/lib/engine/recovery-points";
import { sweepRetention } from "@/lib/engine/retention";
import { applyRetention } from "@/lib/engine/retention/apply";
import { createSnapshotRule, deleteSnapshotRule, updateSnapshotRule } from "@/lib/engine/snapshot-rules";
import { startPolicyCapture } from "@/lib/engine/tasks/start-capture";
import { World } from "../capture/world";

const world = await World.start();
const { prisma } = world.db;

let count = 0;
async function agentWithRule(more: object) {
  count++;
  const disk = `${world.folder}/disk-${count}.img`;
  fs.writeFileSync(disk, Buffer.alloc(3000, count));
  const agent = await world.agent(`agent ${count}`, [{ kind: "image", name: "disk", path: disk }]);
  const rule = await createSnapshotRule(world.ctx, { name: `rule ${count}`, intervalMinutes: 60, ...more });
  return { agentId: agent.id, ruleId: rule.id };
}

/** A capture of the rule, as the schedule makes it, at this many hours before now. */
async function captured(agentId: string, snapshotRuleId: string, hoursAgo: number): Promise<string> {
  world.clockMs = Date.now() - hoursAgo * 3600_000;
  const task = await startPolicyCapture(
    world.ctx,
    { agentId },
    { origin: "scheduled", snapshotRuleId, alongside: async () => undefined },
  );
  const { recoveryPointId } = await world.run(task.id);
  return recoveryPointId ?? "";
}
const sweep = () => sweepRetention(world.ctx);
const left = async (agentId: string) =>
  (await prisma.recoveryPoint.findMany({ where: { agentId }, orderBy: { sequence: "asc" } })).map(({ id }) => id);

beforeEach(async () => {
  await prisma.recoveryPoint.updateMany({ data: { expiresAt: null } });
});

describe("retention by time", () => {
  it("deletes what is over, and never the newest, however old it is", async () => {
    const { agentId, ruleId } = await agentWithRule({ retentionHours: 10 });
    const points: string[] = [];
    for (const hours of [50, 40, 20, 19, 18]) points.push(await captured(agentId, ruleId, hours));
    await sweep();
    expect(await left(agentId)).toEqual(points.slice(2));
    const again = await captured(agentId, ruleId, 1);
    await sweep();
    // Each of those has fewer than three newer ones that were made after its end.
    expect(await left(agentId)).toEqual([...points.slice(2), again]);
  });

  it("deletes nothing because a clock went forward: first three captures must be made by it", async () => {
    const { agentId, ruleId } = await agentWithRule({ retentionHours: 1 });
    const points = [await captured(agentId, ruleId, 9), await captured(agentId, ruleId, 8.9)];
    points.push(await captured(agentId, ruleId, 3), await captured(agentId, ruleId, 2.9));
    await sweep();
    expect(await left(agentId)).toEqual(points);
    points.push(await captured(agentId, ruleId, 2.8));
    await sweep();
    expect(await left(agentId)).toEqual(points.slice(2));
  });

  it("keeps a locked point, one that a person made, and one that nothing says an end of", async () => {
    const { agentId, ruleId } = await agentWithRule({ retentionHours: 1 });
    const locked = await captured(agentId, ruleId, 90);
    await updateRecoveryPoint(world.ctx, { id: locked, locked: true });
    world.clockMs = Date.now() - 80 * 3600_000;
    const own = (await world.capture(agentId)).id;
    await prisma.recoveryPoint.update({ where: { id: own }, data: { expiresAt: new Date(0) } });
    const points: string[] = [];
    for (const hours of [70, 4, 3, 2]) points.push(await captured(agentId, ruleId, hours));
    await sweep();
    expect(await left(agentId)).toEqual([locked, own, ...points.slice(1)]);
  });

  it("keeps what a target has yet to get, until it has it or the session is gone", async () => {
    const { agentId, ruleId } = await agentWithRule({ retentionHours: 1 });
    const points: string[] = [];
    for (const hours of [70, 60, 4, 3, 2]) points.push(await captured(agentId, ruleId, hours));
    const pairing = await prisma.pairing.create({
      data: {
        side: "source",
        state: "established",
        peerName: "x",
        requestKeyDigest: Buffer.from([count]),
        verificationCode: "",
      },
    });
    const { id } = await prisma.replicationSession.create({ data: { side: "source", agentId, pairingId: pairing.id } });
    await sweep();
    expect(await left(agentId)).toEqual(points);
    await prisma.replicationSession.update({ where: { id }, data: { newestPointId: points[0] ?? null } });
    await sweep();
    expect(await left(agentId)).toEqual(points.slice(1));
    await prisma.replicationSession.update({ where: { id }, data: { state: "deleting" } });
    await sweep();
    expect(await left(agentId)).toEqual(points.slice(2));
  });

  it("follows a change of the rule at once, and lasts after the rule is gone", async () => {
    const { agentId, ruleId } = await agentWithRule({ retentionHours: 1000 });
    const points: string[] = [];
    for (const hours of [70, 60, 4, 3, 2]) points.push(await captured(agentId, ruleId, hours));
    await sweep();
    expect(await left(agentId)).toEqual(points);
    await updateSnapshotRule(world.ctx, { id: ruleId, retentionHours: 65 });
    await deleteSnapshotRule(world.ctx, { id: ruleId });
    await sweep();
    expect(await left(agentId)).toEqual(points.slice(1));
  });

  it("does nothing on a core that does not lead the agent", async () => {
    const { agentId, ruleId } = await agentWithRule({ retentionHours: 1 });
    const points: string[] = [];
    for (const hours of [70, 4, 3, 2]) points.push(await captured(agentId, ruleId, hours));
    const pairing = await prisma.pairing.create({
      data: {
        side: "source",
        state: "established",
        peerName: "x",
        requestKeyDigest: Buffer.from([count, 1]),
        verificationCode: "",
      },
    });
    await prisma.agent.update({ where: { id: agentId }, data: { leadPairingId: pairing.id } });
    await sweep();
    expect(await left(agentId)).toEqual(points);
  });
});

describe("retention by count", () => {
  it("keeps the newest so many of each agent, without a clock", async () => {
    const { agentId, ruleId } = await agentWithRule({ retentionCount: 2 });
    const points: string[] = [];
    for (let index = 0; index < 4; index++) points.push(await captured(agentId, ruleId, 0));
    await sweep();
    expect(await left(agentId)).toEqual(points.slice(2));
  });

  it("that is raised takes back what was marked and not yet deleted", async () => {
    const { agentId, ruleId } = await agentWithRule({ retentionCount: 1 });
    const points = [await captured(agentId, ruleId, 3), await captured(agentId, ruleId, 2)];
    await updateSnapshotRule(world.ctx, { id: ruleId, retentionCount: 5 });
    await sweep();
    expect(await left(agentId)).toEqual(points);
    await applyRetention(prisma, { snapshotRuleId: ruleId });
    expect(await prisma.recoveryPoint.count({ where: { agentId, expiresAt: { not: null } } })).toBe(0);
  });
});
