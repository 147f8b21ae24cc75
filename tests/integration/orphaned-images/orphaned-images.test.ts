import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { sweepImageSessions } from "@/lib/engine/image-sessions";
import { openManifest } from "@/lib/engine/manifests";
import { manifestKey } from "@/lib/engine/manifests/format";
import { adoptOrphanedImages, listOrphanedImages, removeOrphanedImage } from "@/lib/engine/orphaned-images";
import { deleteRecoveryPoint, getRecoveryPoint, listRecoveryPoints } from "@/lib/engine/recovery-points";
import { readDocument } from "@/lib/engine/recovery-points/document";
import { selectOrphanedImages } from "@/lib/engine/replication/select-images";
import { countPeerRecoveryPoints } from "@/lib/engine/replication/select-points";
import { ensureDomain } from "@/lib/engine/repositories";
import { invalidInput } from "@/lib/errors";
import { noise } from "../replication/records";
import { TwoCores } from "../replication/two-cores";

const DAY_MS = 24 * 3_600_000;
const disk = noise("disk", 200_000);
const data = noise("data", 200_000);

const sweep = (cores: TwoCores) => sweepImageSessions(cores.target.as({ kind: "job", name: "sweep" }));
const list = (cores: TwoCores) =>
  listOrphanedImages(cores.target.ctx, { agentId: cores.ids.agentId, limit: 50 }).then(({ items }) => items);
const domainOf = (cores: TwoCores) => ensureDomain(cores.target.ctx, cores.target);

/** A point of two volumes of which one came: the target refused the other. */
async function halfAPoint() {
  const cores = await TwoCores.start(["disk", "data"]);
  const pointId = await cores.capture({ disk, data });
  let begun = "";
  cores.wrap = (target) => ({
    ...target,
    startImageSession: async (input) => {
      begun ||= input.volumeImageId;
      if (input.volumeImageId !== begun) throw invalidInput("this volume is refused");
      return target.startImageSession(input);
    },
  });
  await cores.run();
  expect(await cores.newestRun()).toMatchObject({ state: "failed" });
  cores.wrap = (target) => target;
  return { cores, pointId, imageId: begun };
}

async function orphan() {
  const half = await halfAPoint();
  await sweep(half.cores);
  const [found] = await list(half.cores);
  if (!found) throw new Error("nothing was found");
  return { ...half, found };
}

const bytesOf = (name: string | undefined) => (name === "disk" ? disk : data);

describe("finding", () => {
  it("lists a committed image whose point never became complete, once, to people and to its source", async () => {
    const { cores, pointId, imageId, found } = await orphan();
    await sweep(cores);
    expect(await list(cores)).toHaveLength(1);
    const missing = found.volumeName === "disk" ? "data" : "disk";
    expect(found).toMatchObject({ id: imageId, recoveryPointId: pointId, reason: "point-incomplete" });
    expect(found.missingVolumes).toEqual([missing]);
    const { agentId } = cores.ids;
    const told = await selectOrphanedImages(cores.peerCtx, { agentId, skipCount: 0, maxCount: 10 });
    expect(told.volumeImages).toMatchObject([{ id: imageId, isOrphaned: true, epochNumber: 1 }]);
    expect(await cores.targetPoints()).toEqual([]);
  });

  it("leaves images alone whose run goes on or waits to go on", async () => {
    const { cores } = await halfAPoint();
    await cores.target.db.prisma.remoteJob.updateMany({ data: { endedAt: null } });
    await sweep(cores);
    expect(await list(cores)).toEqual([]);
    // Nobody came back for a day.
    cores.target.aheadMs += 2 * DAY_MS;
    await sweep(cores);
    expect(await list(cores)).toHaveLength(1);
  });

  it("keeps an image whose session is forgotten after a day", async () => {
    const { cores, found } = await orphan();
    cores.target.aheadMs += 2 * DAY_MS;
    await sweep(cores);
    expect(await cores.target.db.prisma.imageSession.count()).toBe(0);
    expect(await list(cores)).toMatchObject([{ id: found.id }]);
    await openManifest(await domainOf(cores), found.id);
  });

  it("does not list an image whose records are not all there", async () => {
    const { cores } = await halfAPoint();
    await cores.target.db.pool.query("delete from record where ctid = (select ctid from record limit 1)");
    await sweep(cores);
    expect(await list(cores)).toEqual([]);
    expect(await cores.target.db.prisma.imageSession.count({ where: { state: "committed" } })).toBe(0);
  });

  it("lists what a deletion left that was killed between its rows and its manifests", async () => {
    const cores = await TwoCores.start(["disk", "data"]);
    const pointId = await cores.capture({ disk, data });
    await cores.run();
    await cores.target.db.prisma.recoveryPoint.delete({ where: { id: pointId } });
    await sweep(cores);
    const found = await list(cores);
    expect(found.map(({ reason, missingVolumes }) => ({ reason, missingVolumes }))).toEqual(
      Array.from({ length: 2 }, () => ({ reason: "point-gone", missingVolumes: [] })),
    );
    await adoptOrphanedImages(cores.target.ctx, { id: found[0]?.id ?? "" });
    await cores.expectOnTarget(pointId, { disk, data });
    expect(await getRecoveryPoint(cores.target.ctx, { id: pointId })).toMatchObject({ missingVolumes: [] });
  });

  it("finds nothing when a deletion came to its end", async () => {
    const cores = await TwoCores.start();
    const pointId = await cores.capture({ disk });
    await cores.run();
    await deleteRecoveryPoint(cores.target.ctx, { id: pointId });
    await sweep(cores);
    expect(await list(cores)).toEqual([]);
  });
});

describe("adopting", () => {
  it("makes a restorable point, marked with what is missing, and the source still brings the rest", async () => {
    const { cores, pointId, found } = await orphan();
    const { agentId } = cores.ids;
    const point = await adoptOrphanedImages(cores.target.ctx, { id: found.id });
    expect(point).toMatchObject({ id: pointId, missingVolumes: found.missingVolumes });
    expect((await listRecoveryPoints(cores.target.ctx, { agentId, limit: 5 })).items).toMatchObject([
      { missingVolumes: found.missingVolumes },
    ]);
    expect(await list(cores)).toEqual([]);
    await cores.expectOnTarget(pointId, { [found.volumeName]: bytesOf(found.volumeName) });
    expect(await readDocument(await domainOf(cores), agentId, pointId)).toMatchObject({
      missingVolumes: found.missingVolumes,
    });
    // The source is not told that it is there: it is not complete.
    expect(await countPeerRecoveryPoints(cores.peerCtx, { agentId })).toBe(0);
    const before = await cores.storedRecords();
    await cores.run();
    expect(await cores.newestRun()).toMatchObject({ state: "succeeded" });
    await cores.expectOnTarget(pointId, { disk, data });
    expect(await getRecoveryPoint(cores.target.ctx, { id: pointId })).toMatchObject({
      missingVolumes: [],
      skippedCount: 1,
    });
    expect((await cores.storedRecords()).records - before.records).toBeLessThanOrEqual(13);
    expect((await readDocument(await domainOf(cores), agentId, pointId)).missingVolumes).toBeUndefined();
    expect(await countPeerRecoveryPoints(cores.peerCtx, { agentId })).toBe(1);
  });

  it("gives one point, however often and at once it is asked for", async () => {
    const { cores, pointId, found } = await orphan();
    const asked = await Promise.allSettled(
      Array.from({ length: 5 }, () => adoptOrphanedImages(cores.target.ctx, { id: found.id })),
    );
    for (const one of asked)
      if (one.status === "rejected") expect(one.reason).toMatchObject({ code: "conflict" });
      else expect(one.value.id).toBe(pointId);
    expect(asked.some(({ status }) => status === "fulfilled")).toBe(true);
    expect((await adoptOrphanedImages(cores.target.ctx, { id: found.id })).id).toBe(pointId);
    expect(await cores.target.db.prisma.auditEntry.count({ where: { action: "orphaned-image.adopt" } })).toBe(1);
  });

  it("goes on after a crash between the document and the row", async () => {
    const { cores, pointId, found } = await orphan();
    const { pool } = cores.target.db;
    await pool.query(
      `create function refuse() returns trigger language plpgsql as 'begin raise exception ''killed''; end'`,
    );
    await pool.query("create trigger refuse before insert on recovery_point for each row execute function refuse()");
    await expect(adoptOrphanedImages(cores.target.ctx, { id: found.id })).rejects.toThrow();
    await pool.query("drop trigger refuse on recovery_point");
    await readDocument(await domainOf(cores), cores.ids.agentId, pointId);
    expect(await list(cores)).toHaveLength(1);
    await adoptOrphanedImages(cores.target.ctx, { id: found.id });
    await cores.expectOnTarget(pointId, { [found.volumeName]: bytesOf(found.volumeName) });
  });

  it("refuses an image with records missing, and keeps it", async () => {
    const { cores, found } = await orphan();
    await cores.target.db.pool.query("delete from record where ctid = (select ctid from record limit 1)");
    await expect(adoptOrphanedImages(cores.target.ctx, { id: found.id })).rejects.toMatchObject({ code: "integrity" });
    expect(await list(cores)).toHaveLength(1);
    expect(await cores.targetPoints()).toEqual([]);
  });

  it("knows no image that never was, and waits while the source sends the point", async () => {
    const { cores, found } = await orphan();
    const { ctx } = cores.target;
    await expect(adoptOrphanedImages(ctx, { id: randomUUID() })).rejects.toMatchObject({ code: "not_found" });
    await cores.target.db.prisma.remoteJob.updateMany({ data: { endedAt: null } });
    await cores.target.db.prisma.run.updateMany({ data: { state: "running" } });
    await expect(adoptOrphanedImages(ctx, { id: found.id })).rejects.toMatchObject({ code: "conflict" });
    await expect(removeOrphanedImage(ctx, { id: found.id })).rejects.toMatchObject({ code: "conflict" });
  });
});

describe("a run that comes later", () => {
  it("takes the orphan into the proper point, and sends nothing of it again, also when its session is forgotten", async () => {
    const { cores, pointId } = await orphan();
    cores.target.aheadMs += 2 * DAY_MS;
    await sweep(cores);
    const transfers = cores.calls.filter((name) => name === "transfer").length;
    await cores.run();
    expect(cores.calls.filter((name) => name === "transfer").length - transfers).toBe(1);
    await cores.expectOnTarget(pointId, { disk, data });
    expect(await list(cores)).toEqual([]);
  });

  it("cannot put another image in its place", async () => {
    const { cores, found } = await orphan();
    cores.wrap = (target) => ({
      ...target,
      startImageSession: (input) => {
        const images = input.point.images.map((image) => ({ ...image, headerHash: "00".repeat(32) }));
        return target.startImageSession({ ...input, point: { ...input.point, images } });
      },
    });
    await cores.run();
    expect(await cores.newestRun()).toMatchObject({ state: "failed" });
    await openManifest(await domainOf(cores), found.id);
    expect(await list(cores)).toHaveLength(1);
  });
});

describe("removing", () => {
  it("removes row and manifest, and a later run brings the image again", async () => {
    const { cores, pointId, found } = await orphan();
    await removeOrphanedImage(cores.target.ctx, { id: found.id });
    const domain = await domainOf(cores);
    expect(await domain.storage.size(manifestKey(domain.prefix, found.id))).toBeNull();
    await sweep(cores);
    expect(await list(cores)).toEqual([]);
    await expect(removeOrphanedImage(cores.target.ctx, { id: found.id })).rejects.toMatchObject({ code: "not_found" });
    await cores.run();
    await cores.expectOnTarget(pointId, { disk, data });
  });

  it("killed between the row and the manifest, is found again", async () => {
    const { cores, found } = await orphan();
    await cores.target.db.prisma.orphanedImage.delete({ where: { id: found.id } });
    await sweep(cores);
    expect(await list(cores)).toMatchObject([{ id: found.id }]);
  });
});
