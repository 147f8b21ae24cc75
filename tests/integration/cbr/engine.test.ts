import { randomUUID } from "node:crypto";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { createAgent } from "@/lib/engine/agents";
import { homeTenantId } from "@/lib/engine/core/home-tenant";
import { updatePolicy } from "@/lib/engine/policies";
import { createPlan, deletePlan, getPlan, updatePlan } from "@/lib/engine/policy-plans";
import { deleteVolumeImage } from "@/lib/engine/recovery-points";
import { createRepository, getHolding } from "@/lib/engine/repositories";
import { createSnapshotRule } from "@/lib/engine/snapshot-rules";
import { captureRepository } from "@/lib/engine/tasks";
import { listVolumeImages } from "@/lib/engine/volume-images";
import { PeerCore } from "@/tests/support/peer-core";
import { withPointRows } from "@/tests/support/point-rows";

let core: PeerCore;
let tenantId: string;
beforeAll(async () => {
  core = await PeerCore.start("engine");
  tenantId = await homeTenantId(core.db.prisma);
});

describe("a capture of a repository", () => {
  it("begins once for each agent, however many ask at once, and passes over what cannot be captured", async () => {
    const { id: repositoryId } = await createRepository(core.ctx(), { name: "captured" });
    for (const name of ["one", "two"]) {
      const disk = path.join(core.home, `${name}.img`);
      writeFileSync(disk, Buffer.alloc(100_000, 1));
      await createAgent(core.ctx(), {
        name,
        hostName: name,
        repositoryId,
        volumes: [{ kind: "image", name: "disk", path: disk }],
      });
    }
    await withPointRows(core, 0, { name: "without its disk", repositoryId });
    const input = { repositoryId, tenantId };
    const answers = await Promise.allSettled([
      captureRepository(core.ctx(), input),
      captureRepository(core.ctx(), input),
    ]);
    const started = answers.flatMap((answer) => (answer.status === "fulfilled" ? answer.value.started : []));
    expect(new Set(started.map(({ recoveryPointId }) => recoveryPointId)).size).toBe(2);
    expect(await core.db.prisma.task.count({ where: { kind: "capture" } })).toBe(2);
    const skipped = answers.flatMap((answer) => (answer.status === "fulfilled" ? answer.value.skipped : []));
    expect(skipped).toEqual(expect.arrayContaining([expect.objectContaining({ reason: "refused" })]));
    await core.runJobs("run-task");
    const { items } = await listVolumeImages(core.ctx(), { tenantId, repositoryId, limit: 10 });
    expect(items.map(({ recoveryPointId }) => recoveryPointId).sort()).toEqual(
      [...new Set(started.map((one) => one.recoveryPointId))].sort(),
    );
  });
});

it("agents that another core leads are replicas, and those that this core took over are not", async () => {
  const { prisma } = core.db;
  const far = {
    state: "established",
    peerName: "far",
    requestKeyDigest: Buffer.alloc(32),
    verificationCode: "",
  } as const;
  const { id: pairingId } = await prisma.pairing.create({ data: { side: "target", ...far } });
  const { agentId, repositoryId } = await withPointRows(core, 1, { name: "replicated" });
  await prisma.agent.update({ where: { id: agentId }, data: { pairingId, leadPairingId: pairingId } });
  const replicas = async () =>
    (await listVolumeImages(core.ctx(), { tenantId, repositoryId, isReplica: true, limit: 0 })).total;
  const holding = () => getHolding(core.ctx(), { id: repositoryId, tenantId });
  expect([await replicas(), (await holding()).holdsReplicas]).toEqual([1, true]);
  await expect(captureRepository(core.ctx(), { repositoryId, tenantId })).rejects.toMatchObject({
    options: { detail: "nothing-to-do" },
  });
  await prisma.agent.update({ where: { id: agentId }, data: { leadPairingId: null } });
  expect([await replicas(), (await holding()).holdsReplicas]).toEqual([0, false]);
});

describe("deleting an image", () => {
  it("is refused where others are in its recovery point, or it is locked: nothing else goes along", async () => {
    const { agentId, repositoryId } = await withPointRows(core, 2, { name: "two disks" });
    const { prisma } = core.db;
    const [first, second] = await prisma.volumeImage.findMany({
      where: { recoveryPoint: { agentId } },
      orderBy: { recoveryPoint: { sequence: "asc" } },
    });
    const other = await prisma.volume.create({ data: { agentId, name: "other", kind: "image" } });
    const { id: _, ...copy } = first ?? expect.fail();
    await prisma.volumeImage.create({ data: { ...copy, id: randomUUID(), volumeId: other.id } });
    await prisma.recoveryPoint.update({ where: { id: second?.recoveryPointId ?? "" }, data: { locked: true } });
    for (const image of [first, second])
      await expect(deleteVolumeImage(core.ctx(), { id: image?.id ?? "", tenantId })).rejects.toMatchObject({
        code: "conflict",
        options: { detail: "in-use" },
      });
    expect(await prisma.volumeImage.count({ where: { recoveryPoint: { repositoryId } } })).toBe(3);
  });
});

describe("a policy with rules of its own", () => {
  const work = {
    kind: "capture" as const,
    schedules: [{ timeOfDay: "02:00", daysOfWeek: [] }],
    retentionHours: 24,
    retentionCount: null,
  };
  const rules = async () => (await core.db.prisma.snapshotRule.findMany({ select: { id: true } })).map(({ id }) => id);

  it("leaves no rule behind when it is refused, changed or deleted, and none of another policy's or a person's is taken", async () => {
    const { id } = await createPlan(core.ctx(), { name: "nightly", work });
    await expect(createPlan(core.ctx(), { name: "nightly", work })).rejects.toMatchObject({
      code: "conflict",
      options: { detail: "exists" },
    });
    expect(await rules()).toHaveLength(1);
    const shared = await createSnapshotRule(core.ctx(), { name: "of a person", timeOfDay: "05:00" });
    await updatePolicy(core.ctx(), { id, addSnapshotRuleIds: [shared.id] });
    const { id: second } = await createPlan(core.ctx(), { name: "second", work });
    await updatePolicy(core.ctx(), { id: second, addSnapshotRuleIds: [shared.id] });
    await updatePlan(core.ctx(), { id, work: { ...work, schedules: [{ timeOfDay: "03:00", daysOfWeek: [1] }] } });
    expect((await getPlan(core.ctx(), { id, tenantId: null })).snapshotRules).toMatchObject([
      { timeOfDay: "03:00", daysOfWeek: [1] },
    ]);
    expect(await rules()).toContain(shared.id);
    await deletePlan(core.ctx(), { id });
    await expect(deletePlan(core.ctx(), { id })).rejects.toMatchObject({ code: "not_found" });
    expect(await rules()).toHaveLength(2);
  });

  it("of another core is nobody's to change here", async () => {
    const { id: pairingId } = await core.db.prisma.pairing.create({
      data: {
        side: "target",
        state: "established",
        peerName: "far",
        requestKeyDigest: Buffer.alloc(32),
        verificationCode: "",
      },
    });
    const { id } = await core.db.prisma.policy.create({ data: { name: "theirs", pairingId } });
    await expect(updatePlan(core.ctx(), { id, work })).rejects.toMatchObject({ options: { detail: "replica" } });
    await expect(getPlan(core.ctx(), { id, tenantId: null })).rejects.toMatchObject({ code: "not_found" });
  });
});
