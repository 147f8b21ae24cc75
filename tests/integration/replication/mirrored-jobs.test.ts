import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { EngineContext } from "@/lib/engine/context";
import { selectReplicatedImages } from "@/lib/engine/replication/select-images";
import { countPeerRecoveryPoints, selectRecoveryPoints } from "@/lib/engine/replication/select-points";
import { sweepSilentSources } from "@/lib/engine/replication/silence";
import { getMirroredJob } from "@/lib/engine/sessions";
import { noise } from "./records";
import { TwoCores } from "./two-cores";

const MINUTE_MS = 60_000;
const progress = {
  phase: "transfer" as const,
  pointsTotal: 3,
  pointsDone: 1,
  bytesTotal: 300,
  bytesDone: 100,
  wireBytes: 50,
  savedBytes: 0,
  recordsNew: 1,
  recordsKnown: 0,
  rateBytesPerSecond: 10,
  etaSeconds: 20,
  limitedBy: "nothing" as const,
};

/** A source that began a run and now says what the test wants. */
async function mirrored(cores: TwoCores) {
  const { client, ids } = cores;
  const { agentId } = ids;
  const masterJobId = randomUUID();
  const jobId = await client.startJob({ agentId, masterJobId });
  const say = (job: Partial<Parameters<typeof client.syncJob>[0]["job"]>) =>
    client.syncJob({ agentId, jobId, job: { status: "Running", ...job } });
  const children = () => cores.target.db.prisma.remoteJob.findMany({ where: { parentId: jobId } });
  return { agentId, jobId, masterJobId, say, children };
}

const later = (cores: TwoCores, minutes: number): void => {
  cores.target.aheadMs += minutes * MINUTE_MS;
};
const sweep = (cores: TwoCores) => sweepSilentSources(cores.target.as({ kind: "job", name: "sweep" }));

describe("a mirrored run", () => {
  it("has a child for the metadata and one for each recovery point, with how they ended", async () => {
    const cores = await TwoCores.start();
    const first = await cores.capture({ disk: noise("a", 200_000) });
    const second = await cores.capture({ disk: noise("b", 200_000) });
    await cores.run();
    const jobs = await cores.target.db.prisma.remoteJob.findMany({ orderBy: { createdAt: "asc" } });
    const parent = jobs.find(({ kind }) => kind === "replication");
    expect(parent).toMatchObject({ status: "Succeeded", summary: "Replication of machine", silentSince: null });
    const children = jobs.filter(({ parentId }) => parentId === parent?.id);
    expect(new Set(children.map(({ masterId }) => masterId))).toEqual(new Set([cores.ids.agentId, first, second]));
    expect(children.every(({ status, endedAt }) => status === "Succeeded" && endedAt)).toBe(true);
  });

  it("is shown with its parts on the session of the target, and is none on that of the source", async () => {
    const cores = await TwoCores.start();
    const { target, source, ids } = cores;
    expect(await getMirroredJob(target.ctx, { id: ids.targetSessionId })).toEqual({ job: null });
    const pointId = await cores.capture({ disk: noise("a", 50_000) });
    const moment = await source.db.prisma.recoveryPoint.findUniqueOrThrow({ where: { id: pointId } });
    await cores.run();
    const { job } = await getMirroredJob(target.ctx, { id: ids.targetSessionId });
    expect(job).toMatchObject({ status: "Succeeded", silentSince: null, failureMessage: null });
    expect(job?.parts.map(({ summary }) => summary)).toEqual([
      `Recovery point of ${moment.createdAt.toISOString().slice(0, 19).replace("T", " ")} UTC`,
      "Metadata of machine",
    ]);
    expect(await getMirroredJob(source.ctx, { id: ids.sourceSessionId })).toEqual({ job: null });
    await expect(getMirroredJob(target.ctx, { id: randomUUID() })).rejects.toMatchObject({ code: "not_found" });
  });

  it("answers a sync with its parts under the source's ids", async () => {
    const cores = await TwoCores.start();
    const { say, jobId } = await mirrored(cores);
    const id = randomUUID();
    const failureReason = { message: "cannot be read", detail: "integrity" };
    const answer = await say({ childJobs: [{ id, status: "Failed", summary: "a point", failureReason }] });
    expect(answer).toMatchObject({ id: jobId, requested: "Continue", endTime: null });
    expect(answer.childJobs).toMatchObject([
      { id, kind: "Transfer", status: "Failed", summary: "a point", failureReason },
    ]);
  });

  it("takes the small bodies of existing clients", async () => {
    const cores = await TwoCores.start();
    const { agentId } = cores.ids;
    const jobId = await cores.client.startJob({ agentId });
    expect(await cores.client.startJob({ agentId })).toBe(jobId);
    await cores.client.syncJob({ agentId, jobId, job: { status: "Queued" } });
    expect(await cores.newestRun("target")).toMatchObject({ state: "queued" });
    await cores.client.updateStatus({ agentId, id: jobId, status: "Succeeded" });
    expect(await cores.newestRun("target")).toMatchObject({ state: "succeeded" });
    expect(await cores.client.startJob({ agentId })).not.toBe(jobId);
  });

  it("keeps a bounded number of parts, the newest", async () => {
    const cores = await TwoCores.start();
    const { say, children } = await mirrored(cores);
    for (let batch = 0; batch < 5; batch++) {
      const startTime = new Date(Date.now() + batch * 1000).toISOString();
      const childJobs = Array.from({ length: 50 }, () => ({ id: randomUUID(), status: "Running" as const, startTime }));
      await say({ childJobs });
    }
    expect(await children()).toHaveLength(200);
    const many = Array.from({ length: 51 }, () => ({ id: randomUUID(), status: "Running" as const }));
    await expect(say({ childJobs: many })).rejects.toThrow();
  });

  it("says who paused it", async () => {
    const cores = await TwoCores.start();
    const { say } = await mirrored(cores);
    await say({ status: "Waiting" });
    expect((await cores.newestRun("target")).pauseReason).toBe("Paused on the source.");
    await say({});
    await cores.target.db.prisma.replicationSession.update({
      where: { id: cores.ids.targetSessionId },
      data: { state: "paused", pausedBy: "target" },
    });
    await say({ status: "Waiting" });
    expect((await cores.newestRun("target")).pauseReason).toBe("Paused on this core.");
  });
});

describe("a transfer job", () => {
  it("is one, however often and at once it is begun", async () => {
    const cores = await TwoCores.start();
    const { agentId, jobId, children } = await mirrored(cores);
    await Promise.all(Array.from({ length: 5 }, () => cores.client.startTransferJob({ agentId, jobId })));
    expect(await children()).toMatchObject([{ kind: "transfer", status: "Running", masterId: jobId }]);
    await cores.client.startTransferJob({ agentId, jobId, masterJobId: randomUUID() });
    expect(await children()).toHaveLength(2);
  });

  it("is refused below what is no run, an ended run, or a run of another core", async () => {
    const cores = await TwoCores.start();
    const { agentId, jobId } = await mirrored(cores);
    const { startTransferJob } = await import("@/lib/engine/replication/remote-jobs");
    const { id: pairingId } = await cores.target.db.prisma.pairing.create({
      data: {
        side: "target",
        state: "established",
        peerName: "o",
        requestKeyDigest: new Uint8Array(32),
        verificationCode: "",
      },
    });
    const stranger: EngineContext = cores.target.as({ kind: "peer", pairingId, name: "stranger" });
    const nothing = { code: "not_found" };
    await expect(startTransferJob(stranger, { agentId, jobId })).rejects.toMatchObject(nothing);
    await expect(cores.client.startTransferJob({ agentId, jobId: randomUUID() })).rejects.toMatchObject(nothing);
    await cores.client.updateStatus({ agentId, id: jobId, status: "Succeeded" });
    const ended = cores.client.startTransferJob({ agentId, jobId });
    await expect(ended).rejects.toMatchObject({ code: "conflict" });
  });
});

describe("a source that falls silent", () => {
  it("is said to be so after two minutes, and its next word takes that back", async () => {
    const cores = await TwoCores.start();
    const { say } = await mirrored(cores);
    await say({ progress });
    later(cores, 1);
    await sweep(cores);
    expect(await cores.newestRun("target")).toMatchObject({ state: "running" });
    later(cores, 2);
    await sweep(cores);
    await sweep(cores);
    const silent = { pauseReason: expect.stringMatching(/^The source has been silent since \d{4}-.* UTC\.$/) };
    expect(await cores.newestRun("target")).toMatchObject({ state: "paused", rateBytesPerSecond: 0n, ...silent });
    expect(await cores.targetSession()).toMatchObject({ state: "system_paused", failureCode: "unavailable" });
    await say({ progress: { ...progress, bytesDone: 200 } });
    expect(await cores.newestRun("target")).toMatchObject({ state: "running", pauseReason: null, bytesDone: 200n });
    expect(await cores.targetSession()).toMatchObject({ state: "synchronizing", failureMessage: null });
    expect(await cores.target.db.prisma.remoteJob.findFirst()).toMatchObject({ silentSince: null });
  });

  it("is given up after a day, and heard again even then", async () => {
    const cores = await TwoCores.start();
    const { say } = await mirrored(cores);
    later(cores, 3);
    await sweep(cores);
    later(cores, 25 * 60);
    await sweep(cores);
    expect(await cores.newestRun("target")).toMatchObject({ state: "failed", failureCode: "unavailable" });
    await say({});
    expect(await cores.newestRun("target")).toMatchObject({ state: "running", endedAt: null, failureCode: null });
  });

  it("is not expected to speak while its run is paused or over, nor while records come", async () => {
    const cores = await TwoCores.start();
    const { say, jobId, agentId } = await mirrored(cores);
    await say({ status: "Waiting", failureReason: { message: "disk", detail: "unavailable" } });
    later(cores, 10);
    await sweep(cores);
    expect(await cores.newestRun("target")).toMatchObject({ state: "paused", pauseReason: "disk" });
    await say({});
    later(cores, 10);
    await cores.target.db.prisma.imageSession.create({
      data: {
        pairingId: cores.ids.targetPairingId,
        jobId,
        agentId,
        recoveryPointId: randomUUID(),
        volumeImageId: randomUUID(),
        declared: {},
        keyCount: 0,
        updatedAt: new Date(Date.now() + cores.target.aheadMs),
      },
    });
    await sweep(cores);
    expect(await cores.newestRun("target")).toMatchObject({ state: "running" });
  });

  it("that began another run since has not come back for the old one", async () => {
    const cores = await TwoCores.start();
    const { say } = await mirrored(cores);
    later(cores, 3);
    await sweep(cores);
    await mirrored(cores);
    await say({ progress });
    expect(await cores.target.db.prisma.run.count({ where: { state: "running" } })).toBe(1);
    expect(await cores.newestRun("target")).toMatchObject({ state: "running", bytesDone: 0n });
  });
});

describe("what a source is told of its points", () => {
  it("counts them, lists their images with the epoch before, and takes any page size", async () => {
    const cores = await TwoCores.start();
    const { peerCtx, ids } = cores;
    const { agentId } = ids;
    const points = [
      await cores.capture({ disk: noise("a", 50_000) }),
      await cores.capture({ disk: noise("b", 50_000) }),
    ];
    await cores.run();
    expect(await countPeerRecoveryPoints(peerCtx, { agentId })).toBe(2);
    const { volumeImages } = await selectReplicatedImages(peerCtx, { agentId, skipCount: 0, maxCount: 10 });
    expect(volumeImages).toMatchObject([
      { epochNumber: 2, previousEpochNumber: 1, isOrphaned: false, driverVolumeId: ids.volumeIds.disk },
      { epochNumber: 1, previousEpochNumber: 1 },
    ]);
    expect((await selectReplicatedImages(peerCtx, { agentId, skipCount: 1, maxCount: 1 })).volumeImages).toHaveLength(
      1,
    );
    const all = { agentId, skipCount: 0, maxCount: 2_147_483_647, fromEpoch: 0, toEpoch: -1 };
    const { recoveryPoints, total } = await selectRecoveryPoints(peerCtx, all);
    expect(recoveryPoints.map(({ id }) => id)).toEqual(points);
    expect(total).toBe(2);
    expect(recoveryPoints[0]).toMatchObject({
      agentHostName: "machine.example",
      volumeImages: [{ volumeDisplayName: "disk", hasSqlServerMetadata: false }],
    });
    const foreign = { agentId: randomUUID(), skipCount: 0, maxCount: 1 };
    await expect(selectReplicatedImages(peerCtx, foreign)).rejects.toMatchObject({ code: "not_found" });
  });
});
