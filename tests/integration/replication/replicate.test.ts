import { describe, expect, it } from "vitest";
import { getSession, listSessions } from "@/lib/engine/sessions";
import { noise } from "./records";
import { TwoCores } from "./two-cores";

const MiB = 1024 * 1024;

describe("a replication", () => {
  it("brings every byte over, tells of it on both sides, and sends no record twice", async () => {
    const cores = await TwoCores.start(["disk", "data"]);
    const zeros = Buffer.alloc(MiB);
    const disk = Buffer.concat([noise("disk", 3 * MiB), zeros, noise("disk", MiB)]);
    const data = noise("data", MiB + 12_345);
    const pointId = await cores.capture({ disk, data });
    await cores.run();
    expect(await cores.targetPoints()).toEqual([pointId]);
    await cores.expectOnTarget(pointId, { disk, data });
    const run = await cores.newestRun();
    expect(run).toMatchObject({ state: "succeeded", pointsTotal: 1, pointsDone: 1, phase: "finish" });
    expect(run.bytesDone).toBe(BigInt(disk.length + data.length));
    expect(run.bytesTotal).toBe(run.bytesDone);
    const { records, bytes } = await cores.storedRecords();
    expect(run.recordsNew).toBe(BigInt(records));
    // The third MiB repeats the first; its records and the zeros never crossed.
    expect(records).toBe(3 * 64 + 65);
    expect(Number(run.savedBytes)).toBe(2 * MiB);
    expect(Number(run.wireBytes)).toBeGreaterThan(bytes);
    expect(Number(run.wireBytes)).toBeLessThan(bytes * 1.15);
    expect(await cores.newestRun("target")).toMatchObject({ state: "succeeded", pointsDone: 1, remoteJobId: run.id });
    expect(await cores.sourceSession()).toMatchObject({ state: "ok", newestPointId: pointId, consecutiveFailures: 0 });
    expect(await cores.targetSession()).toMatchObject({ state: "ok", newestPointId: pointId });
  });

  it("keeps what the source could not read with the point on the target", async () => {
    const cores = await TwoCores.start();
    const pointId = await cores.capture({ disk: noise("x", 50_000) });
    await cores.run();
    const point = await cores.target.db.prisma.recoveryPoint.findUniqueOrThrow({ where: { id: pointId } });
    expect(point).toMatchObject({
      skippedCount: 1,
      skipped: [{ path: "a file", reason: "it vanished" }],
      sequence: 1n,
    });
    expect(Number(point.storedBytes)).toBe((await cores.storedRecords()).bytes);
  });

  it("sends only what changed, oldest point first, and names newer points while they come", async () => {
    const cores = await TwoCores.start();
    const first = noise("v1", 4 * MiB);
    const second = Buffer.concat([
      first.subarray(0, 2 * MiB),
      noise("v2", 16 * 1024),
      first.subarray(2 * MiB + 16 * 1024),
    ]);
    await cores.capture({ disk: first });
    await cores.run();
    const before = await cores.storedRecords();
    const ids = [await cores.capture({ disk: second }), await cores.capture({ disk: first })];
    await cores.run();
    const after = await cores.storedRecords();
    expect(after.records - before.records).toBe(1);
    expect((await cores.targetPoints()).slice(1)).toEqual(ids);
    expect((await cores.newestRun()).recordsNew).toBe(1n);
    await cores.expectOnTarget(ids[0], { disk: second });
  });

  it("takes points along that are captured while it goes on", async () => {
    const cores = await TwoCores.start();
    await cores.capture({ disk: noise("a", MiB) });
    let second: Promise<string> | null = null;
    cores.wrap = (target) => ({
      ...target,
      startEnding: async (input) => {
        second ??= cores.capture({ disk: noise("b", MiB) });
        await second;
        return target.startEnding(input);
      },
    });
    await cores.run();
    expect(await cores.targetPoints()).toHaveLength(2);
    expect(await cores.newestRun()).toMatchObject({ state: "succeeded", pointsTotal: 2, pointsDone: 2 });
  });

  it("asks once when there is nothing to do, and leaves no run behind", async () => {
    const cores = await TwoCores.start();
    for (let i = 0; i < 20; i++) await cores.capture({ disk: noise(`v${i}`, 40_000) });
    await cores.run();
    cores.calls.length = 0;
    const runs = await cores.source.db.prisma.run.count();
    await cores.run();
    expect(cores.calls).toEqual(["selectRecoveryPoints"]);
    expect(await cores.source.db.prisma.run.count()).toBe(runs);
    expect((await cores.sourceSession()).lastSuccessAt).not.toBeNull();
  });

  it("asks once for an incremental too, and finds out by itself when what it knew is wrong", async () => {
    const cores = await TwoCores.start();
    for (let i = 0; i < 3; i++) await cores.capture({ disk: noise(`v${i}`, 40_000) });
    await cores.run();
    await cores.capture({ disk: noise("v3", 40_000) });
    // Somebody removed a point on the target.
    await cores.target.db.prisma.recoveryPoint.deleteMany({ where: { sequence: 2 } });
    cores.calls.length = 0;
    await cores.run();
    expect(cores.calls.filter((name) => name === "selectRecoveryPoints")).toHaveLength(1);
    expect(await cores.targetPoints()).toHaveLength(4);
  });

  it("never overwrites a point of the same id with other content, and says so", async () => {
    const cores = await TwoCores.start();
    const pointId = await cores.capture({ disk: noise("a", 40_000) });
    await cores.run();
    await cores.target.db.prisma.volumeImage.updateMany({ data: { manifestDigest: new Uint8Array(32) } });
    await cores.source.db.prisma.replicationSession.updateMany({ data: { newestPointId: null } });
    const other = await cores.capture({ disk: noise("b", 40_000) });
    await cores.run();
    expect(await cores.targetPoints()).toEqual([pointId, other]);
    expect(await cores.sourceSession()).toMatchObject({ state: "system_paused", failureCode: "conflict" });
    const image = await cores.target.db.prisma.volumeImage.findFirstOrThrow({ where: { recoveryPointId: pointId } });
    expect(Buffer.from(image.manifestDigest)).toEqual(Buffer.alloc(32));
  });

  it("goes on with the other points when one cannot be read on the source", async () => {
    const cores = await TwoCores.start();
    await cores.capture({ disk: noise("lost", 100_000) });
    await cores.source.db.pool.query("delete from record");
    const good = await cores.capture({ disk: noise("good", 100_000) });
    await cores.run();
    expect(await cores.targetPoints()).toEqual([good]);
    expect(await cores.newestRun()).toMatchObject({ state: "failed", failureCode: "integrity" });
    const [alert] = await cores.source.db.prisma.alert.findMany({ where: { kind: "verification-failed" } });
    expect(alert).toMatchObject({ severity: "critical", clearedAt: null });
    expect(alert?.detail).toMatch(/^Replication met it/);
  });

  it("renames volumes and takes new ones over", async () => {
    const cores = await TwoCores.start(["a", "b"]);
    await cores.capture({ a: noise("a", 1000), b: noise("b", 1000) });
    await cores.run();
    const { volume } = cores.source.db.prisma;
    await volume.update({ where: { id: cores.ids.volumeIds.a }, data: { name: "swap" } });
    await volume.update({ where: { id: cores.ids.volumeIds.b }, data: { name: "a" } });
    await volume.update({ where: { id: cores.ids.volumeIds.a }, data: { name: "b" } });
    await cores.capture({ a: noise("a2", 1000), b: noise("b2", 1000) });
    await cores.run();
    const names = await cores.target.db.prisma.volume.findMany({ orderBy: { name: "asc" } });
    expect(names.map(({ id, name }) => [name, id])).toEqual([
      ["a", cores.ids.volumeIds.b],
      ["b", cores.ids.volumeIds.a],
    ]);
  });

  it("tells the target about our storage, and only about its own agents", async () => {
    const cores = await TwoCores.start();
    await cores.source.db.prisma.agent.create({
      data: { name: "secret", hostName: "", tenantId: cores.source.tenantId, repositoryId: cores.source.repositoryId },
    });
    await cores.capture({ disk: noise("a", 40_000) });
    await cores.run();
    const { prisma } = cores.target.db;
    expect(await prisma.usageEntry.findMany({ where: { origin: "reported" } })).toMatchObject([
      { agentName: "machine", recoveryPoints: 1, protectedBytes: 40_000n, storedBytes: null },
    ]);
    expect(await prisma.repositoryReport.findMany()).toMatchObject([{ name: "source" }]);
  });

  it("is shown on both sides with its lag and what is pending", async () => {
    const cores = await TwoCores.start();
    await cores.capture({ disk: noise("a", 40_000) });
    await cores.run();
    await cores.capture({ disk: noise("b", 40_000) });
    cores.source.aheadMs = 90_000;
    const { items } = await listSessions(cores.source.ctx, { limit: 50 });
    expect(items).toMatchObject([{ side: "source", pendingPoints: 1, run: { state: "succeeded" } }]);
    expect(items[0]?.lagSeconds).toBeGreaterThanOrEqual(89);
    const detail = await getSession(cores.target.ctx, { id: cores.ids.targetSessionId });
    expect(detail).toMatchObject({ side: "target", pendingPoints: null, runs: [{ state: "succeeded" }] });
  });
});
