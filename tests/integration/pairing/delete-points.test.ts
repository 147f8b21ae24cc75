import fs from "node:fs";
import path from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { expirePairings } from "@/lib/engine/pairing";
import { deletePairing } from "@/lib/engine/pairing/delete";
import { deleteReplicatedPoints } from "@/lib/engine/pairing/delete-points";
import { deleteRecoveryPoint, sweepRemovedPoints } from "@/lib/engine/recovery-points";
import { World } from "../capture/world";

const world = await World.start();
const { prisma } = world.db;

/** As approvals and runs leave it: an established pairing, and an agent with points that came by it. */
async function replicated(points: number): Promise<{ pairingId: string; agentId: string; pointIds: string[] }> {
  const mark = crypto.randomUUID();
  const folder = world.makeFolder(mark);
  fs.writeFileSync(path.join(folder, "file"), mark);
  const agent = await world.folderAgent(mark, folder);
  const pointIds: string[] = [];
  for (let i = 0; i < points; i++) pointIds.push((await world.capture(agent.id)).id);
  const pairing = await prisma.pairing.create({
    data: {
      side: "target",
      state: "established",
      peerName: "Harbour",
      requestKeyDigest: Buffer.from(mark),
      verificationCode: "",
    },
  });
  await prisma.agent.update({ where: { id: agent.id }, data: { pairingId: pairing.id, leadPairingId: pairing.id } });
  return { pairingId: pairing.id, agentId: agent.id, pointIds };
}

const filesOf = (ids: readonly string[]) =>
  fs
    .readdirSync(path.join(world.folder, "repository"), { recursive: true })
    .map(String)
    .filter((name) => ids.some((id) => name.includes(id)));
const pointsOf = (agentId: string) => prisma.recoveryPoint.count({ where: { agentId } });
const deletions = () => world.jobs.filter(({ name }) => name === "delete-replicated-points");
const pairingOf = (id: string) => prisma.pairing.findUniqueOrThrow({ where: { id } });

beforeEach(() => {
  world.jobs.length = 0;
});

describe("ending a pairing", () => {
  it("keeps what it replicated unless it is told otherwise", async () => {
    const { pairingId, agentId, pointIds } = await replicated(2);
    const ended = await deletePairing(world.ctx, { id: pairingId });
    expect(ended.pointDeletion).toBeNull();
    await deleteReplicatedPoints(world.ctx, { pairingId });
    expect(await pointsOf(agentId)).toBe(2);
    expect(filesOf(pointIds)).toHaveLength(2);
    expect(deletions()).toEqual([]);
  });

  it("deletes its points with their files when told so, keeps locked ones and the agent, and leaves a trail", async () => {
    const { pairingId, agentId, pointIds } = await replicated(3);
    const others = await replicated(1);
    const images = await prisma.volumeImage.findMany({ where: { recoveryPoint: { agentId } } });
    await prisma.recoveryPoint.update({ where: { id: pointIds[1] ?? "" }, data: { locked: true } });
    const ended = await deletePairing(world.ctx, { id: pairingId, deleteRecoveryPoints: true });
    expect(ended).toMatchObject({ state: "deleted", pointDeletion: { endedAt: null, deleted: 0 } });
    expect(deletions()).toEqual([{ name: "delete-replicated-points", payload: { pairingId }, key: pairingId }]);
    await deleteReplicatedPoints(world.ctx, { pairingId });
    expect(await pairingOf(pairingId)).toMatchObject({
      pointsDeleted: 2,
      pointsKept: 1,
      deletePointsEndedAt: expect.any(Date),
    });
    expect((await prisma.recoveryPoint.findMany({ where: { agentId } })).map(({ id }) => id)).toEqual([pointIds[1]]);
    expect(filesOf([...pointIds, ...images.map(({ id }) => id)])).toHaveLength(2);
    expect(await prisma.agent.count({ where: { id: agentId } })).toBe(1);
    expect(await pointsOf(others.agentId)).toBe(1);
    const trail = await prisma.auditEntry.findMany({ where: { subject: pairingId }, orderBy: { id: "asc" } });
    expect(trail.map(({ action, detail }) => [action, detail])).toEqual([
      ["pairing.delete", expect.objectContaining({ deleteRecoveryPoints: true })],
      ["pairing.delete-recovery-points", { peer: "Harbour", deleted: 2, kept: 1 }],
    ]);
    await deleteReplicatedPoints(world.ctx, { pairingId });
    expect(
      await prisma.auditEntry.count({ where: { action: "pairing.delete-recovery-points", subject: pairingId } }),
    ).toBe(1);
  });

  it("asked to delete only when it has ended already, it deletes nothing", async () => {
    const { pairingId, agentId } = await replicated(1);
    await deletePairing(world.ctx, { id: pairingId });
    const again = await deletePairing(world.ctx, { id: pairingId, deleteRecoveryPoints: true });
    expect(again.pointDeletion).toBeNull();
    await deleteReplicatedPoints(world.ctx, { pairingId });
    expect(await pointsOf(agentId)).toBe(1);
  });

  it("keeps all points of an agent that failed over to this core, whatever its former source asks for", async () => {
    const { pairingId, agentId } = await replicated(2);
    await prisma.agent.update({ where: { id: agentId }, data: { leadPairingId: null } });
    await deletePairing(world.ctx, { id: pairingId, deleteRecoveryPoints: true });
    await deleteReplicatedPoints(world.ctx, { pairingId });
    expect(await pointsOf(agentId)).toBe(2);
    expect(await pairingOf(pairingId)).toMatchObject({ pointsDeleted: 0, pointsKept: 2 });
  });

  it("a job that was lost is asked for again, and one that was killed goes on where it was", async () => {
    const { pairingId, agentId } = await replicated(3);
    await deletePairing(world.ctx, { id: pairingId, deleteRecoveryPoints: true });
    world.jobs.length = 0;
    world.clockMs += 10 * 60_000;
    await expirePairings(world.ctx);
    expect(world.jobs).toContainEqual({ name: "delete-replicated-points", payload: { pairingId }, key: pairingId });
    const kill = new AbortController();
    const dying = { ...world.ctx, log: world.ctx.log };
    const [first] = await prisma.recoveryPoint.findMany({ where: { agentId }, orderBy: { id: "asc" } });
    await deleteRecoveryPoint(dying, { id: first?.id ?? "" });
    kill.abort(new Error("killed"));
    await expect(deleteReplicatedPoints(dying, { pairingId, signal: kill.signal })).rejects.toThrow("killed");
    expect((await pairingOf(pairingId)).deletePointsEndedAt).toBeNull();
    await Promise.all([
      deleteReplicatedPoints(world.ctx, { pairingId }),
      deleteReplicatedPoints(world.ctx, { pairingId }),
    ]);
    expect(await pointsOf(agentId)).toBe(0);
    expect(await pairingOf(pairingId)).toMatchObject({ pointsDeleted: 2, deletePointsEndedAt: expect.any(Date) });
  });

  it("an agent that was paired anew meanwhile keeps its points", async () => {
    const { pairingId, agentId } = await replicated(1);
    const anew = await replicated(0);
    await deletePairing(world.ctx, { id: pairingId, deleteRecoveryPoints: true });
    await prisma.agent.update({
      where: { id: agentId },
      data: { pairingId: anew.pairingId, leadPairingId: anew.pairingId },
    });
    await deleteReplicatedPoints(world.ctx, { pairingId });
    expect(await pointsOf(agentId)).toBe(1);
    expect(await pairingOf(pairingId)).toMatchObject({ pointsDeleted: 0, deletePointsEndedAt: expect.any(Date) });
  });

  it("is not through while an image of it is still being committed", async () => {
    const { pairingId, agentId } = await replicated(1);
    await deletePairing(world.ctx, { id: pairingId, deleteRecoveryPoints: true });
    const run = crypto.randomUUID();
    const job = await prisma.remoteJob.create({ data: { pairingId, agentId, runId: run } });
    const ids = { recoveryPointId: crypto.randomUUID(), volumeImageId: crypto.randomUUID() };
    const open = await prisma.imageSession.create({
      data: { pairingId, agentId, jobId: job.id, ...ids, state: "committing", declared: {}, keyCount: 0 },
    });
    await expect(deleteReplicatedPoints(world.ctx, { pairingId })).rejects.toMatchObject({ code: "unavailable" });
    await prisma.imageSession.update({ where: { id: open.id }, data: { state: "committed" } });
    await deleteReplicatedPoints(world.ctx, { pairingId });
    expect((await pairingOf(pairingId)).deletePointsEndedAt).not.toBeNull();
  });
});

describe("deleting a recovery point", () => {
  it("is refused while it is locked, and nothing of it goes", async () => {
    const { pointIds } = await replicated(1);
    const [id = ""] = pointIds;
    await prisma.recoveryPoint.update({ where: { id }, data: { locked: true } });
    await expect(deleteRecoveryPoint(world.ctx, { id })).rejects.toMatchObject({ code: "conflict" });
    expect(filesOf([id])).toHaveLength(1);
  });

  it("removes the files after a crash that came when the rows were gone", async () => {
    const { pointIds, agentId } = await replicated(1);
    const [id = ""] = pointIds;
    const point = await prisma.recoveryPoint.findUniqueOrThrow({
      where: { id },
      include: { images: true, agent: true },
    });
    const imageIds = point.images.map((image) => image.id);
    await prisma.recoveryPoint.delete({ where: { id } });
    const { repositoryId } = point;
    const removedAt = new Date(world.clockMs);
    await prisma.removedPoint.create({
      data: { id, agentId, repositoryId, tenantId: point.agent.tenantId, imageIds, removedAt },
    });
    await sweepRemovedPoints(world.ctx);
    expect(filesOf([id, ...imageIds])).toHaveLength(2);
    world.clockMs += 2 * 60_000;
    await sweepRemovedPoints(world.ctx);
    expect(filesOf([id, ...imageIds])).toEqual([]);
    expect(await prisma.removedPoint.count()).toBe(0);
  });

  it("leaves the files of a point that came again meanwhile", async () => {
    const { pointIds, agentId } = await replicated(1);
    const [id = ""] = pointIds;
    const { images, repositoryId, agent } = await prisma.recoveryPoint.findUniqueOrThrow({
      where: { id },
      include: { images: true, agent: true },
    });
    const imageIds = images.map((image) => image.id);
    await prisma.removedPoint.create({
      data: { id, agentId, repositoryId, tenantId: agent.tenantId, imageIds, removedAt: new Date(0) },
    });
    await sweepRemovedPoints(world.ctx);
    expect(filesOf([id, ...imageIds])).toHaveLength(2);
    expect(await prisma.removedPoint.count({ where: { id } })).toBe(0);
  });
});
