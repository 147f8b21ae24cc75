import { randomUUID } from "node:crypto";
import { describe, expect, it, vi } from "vitest";
import { manifestKey } from "@/lib/engine/manifests/format";
import { acknowledgePull } from "@/lib/engine/pull/acknowledge";
import { deleteRecoveryPoint } from "@/lib/engine/recovery-points";
import { getReplicatedAgents } from "@/lib/engine/replication/ability";
import { TokenBucket } from "@/lib/engine/replication/throttle";
import { ensureDomain } from "@/lib/engine/repositories/open";
import { TwincoreError } from "@/lib/errors";
import { until } from "@/tests/support/until";
import { noise, readBytes } from "../replication/records";
import { around, TwoCores } from "../replication/two-cores";
import { captureThere, failOver } from "./failed-over";

const KiB = 1024;
const MiB = 1024 * KiB;

async function expectOnSource(cores: TwoCores, pointId: string, volumes: Record<string, Buffer>) {
  const found = await readBytes(cores.source.ctx, pointId);
  expect([...found.keys()].sort()).toEqual(Object.keys(volumes).sort());
  for (const [name, bytes] of Object.entries(volumes)) expect(found.get(name)?.equals(bytes), name).toBe(true);
}

const sourcePoints = ({ source, ids }: TwoCores) =>
  source.db.prisma.recoveryPoint
    .findMany({ where: { agentId: ids.agentId }, orderBy: { sequence: "asc" } })
    .then((points) => points.map(({ id }) => id));

const countRecords = async ({ source }: TwoCores): Promise<number> =>
  (await source.db.pool.query("select count(*)::int as n from record")).rows[0].n;

/** Replicated once, failed over, and then captured on the target. */
async function changedThere(change: Buffer, diskBytes = 3 * MiB, state: "reprotecting" | "ok" = "ok") {
  const cores = await TwoCores.start(["disk", "data"]);
  const first = { disk: noise("disk", diskBytes), data: noise("data", 100 * KiB + 77) };
  const common = await cores.capture(first);
  await cores.run();
  await failOver(cores, state);
  const disk = Buffer.from(first.disk);
  change.copy(disk, MiB);
  const second = { ...first, disk };
  const newer = await captureThere(cores, second);
  cores.calls.length = 0;
  return { cores, common, first, second, newer };
}

describe("a core that follows", () => {
  it("fetches what the other one captured, byte for byte, and only the records that changed cross", async () => {
    const { cores, common, second, newer } = await changedThere(noise("change", 16 * KiB), 3 * MiB, "reprotecting");
    const before = await countRecords(cores);
    await cores.run();
    expect(await sourcePoints(cores)).toEqual([common, newer]);
    await expectOnSource(cores, newer, second);
    expect((await countRecords(cores)) - before).toBe(1);
    const run = await cores.newestRun();
    expect(run).toMatchObject({ state: "succeeded", pointsDone: 1, recordsNew: 1n });
    expect(run.bytesDone).toBe(run.bytesTotal);
    // Two manifests, one record, and the words about them.
    expect(Number(run.wireBytes)).toBeLessThan(16 * KiB + 60 * KiB);
    expect(await cores.sourceSession()).toMatchObject({ state: "ok", newestPointId: newer, failureCode: null });
    // What crossed counts for the agent on both sides: nothing but this run was sent by the one that leads.
    const { transferredBytes } = await cores.target.db.prisma.agent.findUniqueOrThrow({
      where: { id: cores.ids.agentId },
    });
    expect(Number(transferredBytes)).toBeGreaterThan(3 * MiB);
    expect(await cores.targetSession()).toMatchObject({ newestPointId: newer });
    expect(await cores.newestRun("target")).toMatchObject({ state: "succeeded", remoteJobId: run.id });
    const point = await cores.source.db.prisma.recoveryPoint.findUniqueOrThrow({ where: { id: newer } });
    expect(point).toMatchObject({ sequence: 2n, skippedCount: 1 });
    expect(Number(point.storedBytes)).toBeGreaterThan(16 * KiB);
  });

  it("asks once when there is nothing to do, however many points there are", async () => {
    const { cores } = await changedThere(noise("change", 16 * KiB));
    await cores.run();
    cores.calls.length = 0;
    await cores.run();
    expect(cores.calls).toEqual(["selectLeadingPoints"]);
    // The word about how far it is was lost: the next question says it too.
    await cores.target.db.prisma.replicationSession.updateMany({ data: { newestPointId: null } });
    await cores.run();
    expect((await cores.targetSession()).newestPointId).toBe((await sourcePoints(cores)).at(-1));
  });

  it("fetches several points oldest first, and a later failback pushes only what is new again", async () => {
    const { cores, common, first, newer } = await changedThere(noise("change", 64 * KiB));
    const third = { ...first, data: noise("data 3", 40 * KiB) };
    const thirdId = await captureThere(cores, third);
    await cores.run();
    expect(await sourcePoints(cores)).toEqual([common, newer, thirdId]);
    await expectOnSource(cores, thirdId, third);
    await cores.source.db.prisma.replicationSession.updateMany({ data: { role: "source", state: "ok" } });
    await cores.target.db.prisma.replicationSession.updateMany({ data: { role: "destination", state: "ok" } });
    const fourth = { ...third, data: noise("data 4", 40 * KiB) };
    const fourthId = await cores.capture(fourth);
    await cores.run();
    await cores.expectOnTarget(fourthId, fourth);
    expect((await cores.newestRun()).recordsNew).toBe(3n);
  });

  it("hears of labels, locks, names and deletions over there, and does not fetch what was deleted here", async () => {
    const { cores, common, newer } = await changedThere(noise("change", 16 * KiB));
    await cores.run();
    const { prisma } = cores.target.db;
    const { metadataVersion } = await prisma.agent.update({
      where: { id: cores.ids.agentId },
      data: { metadataVersion: { increment: 1 } },
    });
    const said = { label: "before the move", locked: true, metadataVersion };
    await prisma.recoveryPoint.update({ where: { id: newer }, data: said });
    await deleteRecoveryPoint(cores.target.ctx, { id: common });
    await prisma.agent.update({ where: { id: cores.ids.agentId }, data: { labels: ["moved"] } });
    expect((await getReplicatedAgents(cores.peerCtx)).agents[0]?.isRunRequested).toBe(true);
    await cores.run();
    const here = cores.source.db.prisma;
    expect(await here.recoveryPoint.findUnique({ where: { id: newer } })).toMatchObject({
      label: "before the move",
      locked: true,
    });
    expect((await here.recoveryPoint.findUnique({ where: { id: common } }))?.deletedOnSourceAt).not.toBeNull();
    expect((await here.agent.findUniqueOrThrow({ where: { id: cores.ids.agentId } })).labels).toEqual(["moved"]);
    expect((await getReplicatedAgents(cores.peerCtx)).agents[0]?.isRunRequested).toBe(false);
    await here.recoveryPoint.update({ where: { id: newer }, data: { locked: false } });
    await deleteRecoveryPoint(cores.source.ctx, { id: newer });
    await cores.run();
    expect(await sourcePoints(cores)).toEqual([common]);
  });

  it("is told at the next look that there is something new, and nothing once it has it", async () => {
    const { cores, newer } = await changedThere(noise("change", 16 * KiB));
    const asked = async () => (await getReplicatedAgents(cores.peerCtx)).agents[0]?.isRunRequested;
    expect(await asked()).toBe(true);
    await cores.run();
    expect(await asked()).toBe(false);
    // A late repetition of an older word changes nothing.
    const [common] = await sourcePoints(cores);
    await acknowledgePull(cores.peerCtx, { agentId: cores.ids.agentId, recoveryPointId: common });
    expect((await cores.targetSession()).newestPointId).toBe(newer);
  });
});

describe("a point that cannot be fetched", () => {
  it("is named when a file of it is lost over there, and keeps no newer one back", async () => {
    const { cores, common, first, newer } = await changedThere(noise("change", 64 * KiB));
    const third = { ...first, data: noise("data 3", 40 * KiB) };
    const thirdId = await captureThere(cores, third);
    const { prisma } = cores.target.db;
    const agent = await prisma.agent.findUniqueOrThrow({ where: { id: cores.ids.agentId } });
    const image = await prisma.volumeImage.findFirstOrThrow({ where: { recoveryPointId: newer } });
    const { storage, prefix } = await ensureDomain(cores.target.ctx, agent);
    await storage.delete(manifestKey(prefix, image.id));
    await cores.run();
    expect(await sourcePoints(cores)).toEqual([common, thirdId]);
    await expectOnSource(cores, thirdId, third);
    expect(await cores.sourceSession()).toMatchObject({ failureCode: "not_found" });
  });

  it("is passed over when it was deleted over there meanwhile", async () => {
    const { cores, common, newer } = await changedThere(noise("change", 64 * KiB));
    cores.wrap = (target) =>
      around(target, async (name, call) => {
        if (name === "readImageManifest") {
          cores.wrap = (same) => same;
          if ((await cores.targetPoints()).includes(newer)) await deleteRecoveryPoint(cores.target.ctx, { id: newer });
        }
        return call();
      });
    await cores.run();
    expect(await sourcePoints(cores)).toEqual([common]);
    expect(await cores.sourceSession()).toMatchObject({ state: "ok", failureCode: null });
  });
});

describe("an interrupted fetch", () => {
  it("goes on where it was: what had come is not fetched again", async () => {
    const { cores, second, newer } = await changedThere(noise("change", 11 * MiB), 12 * MiB);
    const asked: number[] = [];
    cores.wrap = (target) => ({
      ...target,
      readImageRecords: async (input, keys) => {
        asked.push(keys.length / 44);
        if (asked.length === 2) throw new TwincoreError("unavailable", "the line is cut");
        return target.readImageRecords(input, keys);
      },
    });
    const before = await countRecords(cores);
    await cores.run();
    expect((await cores.sourceSession()).state).toBe("system_paused");
    const came = (await countRecords(cores)) - before;
    expect(came).toBeGreaterThanOrEqual(256);
    asked.length = 2;
    await cores.run();
    await expectOnSource(cores, newer, second);
    expect(asked.slice(2).reduce((sum, count) => sum + count, 0)).toBe(11 * 64 - came);
    const run = await cores.newestRun();
    expect(run).toMatchObject({ state: "succeeded" });
    expect(run.recordsNew).toBe(BigInt(11 * 64));
  });

  it("keeps whole records that came before the cut", async () => {
    const { cores, second, newer } = await changedThere(noise("change", 2 * MiB));
    let cut = true;
    cores.wrap = (target) => ({
      ...target,
      readImageRecords: async (input, keys) => {
        const content = await target.readImageRecords(input, keys);
        return cut ? cutAfter(content, 500 * KiB) : content;
      },
    });
    const before = await countRecords(cores);
    await cores.run();
    const came = (await countRecords(cores)) - before;
    expect(came).toBeGreaterThan(20);
    cut = false;
    await cores.run();
    await expectOnSource(cores, newer, second);
    expect((await countRecords(cores)) - before).toBe(128);
  });

  it("stops between records when somebody here pauses it, and goes on after", async () => {
    const { cores, second, newer } = await changedThere(noise("change", 11 * MiB), 12 * MiB);
    let paused = false;
    cores.wrap = (target) =>
      around(target, async (name, call) => {
        if (name !== "readImageRecords" || paused) return call();
        paused = true;
        await cores.source.db.prisma.replicationSession.updateMany({ data: { state: "paused", pausedBy: "source" } });
        // The order is heard with a heartbeat: the first one after it may have looked before.
        for (let beats = 0; beats < 2; beats++) {
          const { updatedAt } = await cores.newestRun();
          await until("a heartbeat", async () => (await cores.newestRun()).updatedAt > updatedAt);
        }
        return call();
      });
    const before = await countRecords(cores);
    await cores.run();
    expect(await cores.newestRun()).toMatchObject({ state: "paused" });
    expect(await cores.sourceSession()).toMatchObject({ state: "paused", pausedBy: "source" });
    expect((await countRecords(cores)) - before).toBeLessThan(11 * 64);
    await cores.source.db.prisma.replicationSession.updateMany({ data: { state: "ok", pausedBy: null } });
    await cores.run();
    expect(await cores.newestRun()).toMatchObject({ state: "succeeded" });
    await expectOnSource(cores, newer, second);
  });

  it("waits while people on the other core hold it", async () => {
    const { cores, second, newer } = await changedThere(noise("change", 64 * KiB));
    await cores.target.db.prisma.replicationSession.updateMany({ data: { state: "paused", pausedBy: "target" } });
    await cores.run();
    expect(await cores.sourceSession()).toMatchObject({ state: "paused", pausedBy: "target" });
    await cores.target.db.prisma.replicationSession.updateMany({ data: { state: "ok", pausedBy: null } });
    await cores.run();
    expect(await cores.sourceSession()).toMatchObject({ state: "ok", pausedBy: null });
    await expectOnSource(cores, newer, second);
  });

  it("takes every byte of records from the rate cap, the lower of both cores' own", async () => {
    const { cores } = await changedThere(noise("change", 64 * KiB));
    const cap = 8 * MiB;
    await cores.target.db.prisma.pairing.updateMany({ data: { rateCapBytesPerSecond: BigInt(cap) } });
    await cores.source.db.prisma.pairing.updateMany({ data: { rateCapBytesPerSecond: BigInt(9 * cap) } });
    const taken = vi.spyOn(TokenBucket.prototype, "take");
    const rates = vi.spyOn(TokenBucket.prototype, "setRate");
    await cores.run();
    const bytes = taken.mock.calls.reduce((sum, [count]) => sum + count, 0);
    expect(bytes).toBeGreaterThan(64 * KiB);
    expect(bytes).toBeLessThan(Number((await cores.newestRun()).wireBytes));
    expect(rates.mock.calls).toContainEqual([cap]);
    vi.restoreAllMocks();
  });
});

async function* cutAfter(content: AsyncIterable<Uint8Array>, bytes: number): AsyncGenerator<Uint8Array> {
  let length = 0;
  for await (const piece of content) {
    length += piece.length;
    if (length > bytes) return;
    yield piece;
  }
}

describe("a core that lies", () => {
  it("cannot bring a damaged record in: it is refused, named, and the point is not listed", async () => {
    const { cores, common, second, newer } = await changedThere(noise("change", 64 * KiB));
    let damaged = true;
    cores.wrap = (target) => ({
      ...target,
      readImageRecords: async (input, keys) => {
        const content = await target.readImageRecords(input, keys);
        return damaged ? spoilt(content) : content;
      },
    });
    await cores.run();
    expect(await sourcePoints(cores)).toEqual([common]);
    expect(await cores.sourceSession()).toMatchObject({ state: "system_paused", failureCode: "integrity" });
    damaged = false;
    await cores.run();
    await expectOnSource(cores, newer, second);
  });

  it("cannot bring another manifest in, nor one without end", async () => {
    const { cores, common, second, newer } = await changedThere(noise("change", 64 * KiB));
    let lie: "spoilt" | "endless" | null = "spoilt";
    cores.wrap = (target) => ({
      ...target,
      readImageManifest: async (input) => {
        const content = await target.readImageManifest(input);
        return lie === "spoilt" ? spoilt(content) : lie === "endless" ? endless() : content;
      },
    });
    await cores.run();
    expect(await cores.sourceSession()).toMatchObject({ failureCode: "integrity" });
    lie = "endless";
    await cores.run();
    expect(await cores.sourceSession()).toMatchObject({ failureCode: "integrity" });
    expect(await sourcePoints(cores)).toEqual([common]);
    lie = null;
    await cores.run();
    await expectOnSource(cores, newer, second);
  });

  it("cannot send records that were not asked for, nor leave some out", async () => {
    const { cores, common } = await changedThere(noise("change", 64 * KiB));
    let lie: "others" | "fewer" = "others";
    cores.wrap = (target) => ({
      ...target,
      readImageRecords: async (input, keys) =>
        lie === "fewer"
          ? keys.length > 44
            ? target.readImageRecords(input, keys.subarray(44))
            : cutAfter(endless(), 0)
          : target.readImageRecords({ ...input, start: 0, count: 64 }, (await firstKeys(cores)).subarray(0, 44)),
    });
    await cores.run();
    expect(await cores.sourceSession()).toMatchObject({ failureCode: "invalid_input" });
    lie = "fewer";
    await cores.run();
    expect(await cores.sourceSession()).toMatchObject({ failureCode: "integrity" });
    expect(await sourcePoints(cores)).toEqual([common]);
  });
});

async function firstKeys({ target, ids }: TwoCores): Promise<Buffer> {
  const { openManifest } = await import("@/lib/engine/manifests");
  const image = await target.db.prisma.volumeImage.findFirstOrThrow({
    where: { volumeId: ids.volumeIds.disk },
    orderBy: { recoveryPoint: { sequence: "desc" } },
  });
  const agent = await target.db.prisma.agent.findUniqueOrThrow({ where: { id: ids.agentId } });
  const manifest = await openManifest(await ensureDomain(target.ctx, agent), image.id);
  for await (const piece of manifest.packedKeys("raw")) return piece;
  return Buffer.alloc(0);
}

async function* spoilt(content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const piece of content) {
    const bytes = Buffer.from(piece);
    bytes.writeUInt8((bytes.readUInt8(bytes.length - 1) ^ 1) & 0xff, bytes.length - 1);
    yield bytes;
  }
}

async function* endless(): AsyncGenerator<Uint8Array> {
  for (;;) yield Buffer.alloc(64 * KiB);
}

describe("the core that is current", () => {
  it("refuses points that are pushed into it, whole or half sent, and says that it has failed over", async () => {
    const cores = await TwoCores.start();
    await cores.capture({ disk: noise("a", MiB) });
    let flipped = false;
    cores.wrap = (target) =>
      around(target, async (name, call) => {
        if (name === "startEnding" && !flipped) {
          flipped = true;
          await cores.target.db.prisma.replicationSession.updateMany({
            data: { role: "source", state: "failed_over" },
          });
        }
        return call();
      });
    await cores.run();
    expect(await cores.targetPoints()).toEqual([]);
    expect(await cores.sourceSession()).toMatchObject({ state: "system_paused", failureCode: "conflict" });
    const start = cores.client.startJob({ agentId: cores.ids.agentId, masterJobId: randomUUID() });
    await expect(start).rejects.toMatchObject({ code: "conflict", options: { detail: "failed-over" } });
    const told = cores.client.startMetadataUpdate({ agentId: cores.ids.agentId, displayName: "mine" });
    await expect(told).rejects.toMatchObject({ code: "conflict", options: { detail: "failed-over" } });
  });

  it("serves nothing while the caller itself is current", async () => {
    const cores = await TwoCores.start();
    const pointId = await cores.capture({ disk: noise("a", MiB) });
    await cores.run();
    const { agentId } = cores.ids;
    const image = await cores.target.db.prisma.volumeImage.findFirstOrThrow();
    const wrongSide = { code: "conflict", options: { detail: "wrong-side" } };
    const { client } = cores;
    const keys = await firstKeys(cores);
    await expect(client.selectLeadingPoints({ agentId, skipCount: 0, maxCount: 1 })).rejects.toMatchObject(wrongSide);
    await expect(client.describeLeadingPoint({ agentId, recoveryPointId: pointId })).rejects.toMatchObject(wrongSide);
    await expect(client.readImageManifest({ agentId, imageId: image.id })).rejects.toMatchObject(wrongSide);
    const records = client.readImageRecords({ agentId, imageId: image.id, start: 0, count: 64 }, keys);
    await expect(records).rejects.toMatchObject(wrongSide);
    await expect(client.readLeadingMetadata({ agentId })).rejects.toMatchObject(wrongSide);
    await expect(client.startPullJob({ agentId })).rejects.toMatchObject(wrongSide);
  });

  it("hands out records of the named part of an image of the caller's agent only", async () => {
    const { cores } = await changedThere(noise("change", 64 * KiB));
    const { client, target } = cores;
    const { agentId } = cores.ids;
    const { prisma } = target.db;
    const keys = await firstKeys(cores);
    const image = await prisma.volumeImage.findFirstOrThrow({
      where: { volumeId: cores.ids.volumeIds.disk },
      orderBy: { recoveryPoint: { sequence: "desc" } },
    });
    const read = (input: { agentId: string; imageId: string; start: number; count: number }, body = keys) =>
      client.readImageRecords(input, body);
    const here = { agentId, imageId: image.id, start: 0, count: 64 };
    // Keys of another part, of another image, and holes.
    await expect(read({ ...here, start: 100, count: 20 })).rejects.toMatchObject({ code: "invalid_input" });
    const other = await prisma.volumeImage.findFirstOrThrow({ where: { volumeId: cores.ids.volumeIds.data } });
    await expect(read({ ...here, imageId: other.id })).rejects.toMatchObject({ code: "invalid_input" });
    await expect(read(here, Buffer.alloc(44))).rejects.toMatchObject({ code: "invalid_input" });
    await expect(read(here, Buffer.alloc(0))).rejects.toMatchObject({ code: "invalid_input" });
    await expect(read(here, Buffer.alloc(9000 * 44))).rejects.toMatchObject({ code: "too_large" });
    // An agent that is not the caller's, and another agent's image under the caller's own.
    const foreign = await prisma.agent.create({
      data: { name: "f", hostName: "", tenantId: target.tenantId, repositoryId: target.repositoryId },
    });
    await expect(read({ ...here, agentId: foreign.id })).rejects.toMatchObject({ code: "not_found" });
    await prisma.recoveryPoint.update({ where: { id: image.recoveryPointId }, data: { agentId: foreign.id } });
    await expect(read(here)).rejects.toMatchObject({ code: "not_found" });
    await expect(client.readImageManifest({ agentId, imageId: image.id })).rejects.toMatchObject({ code: "not_found" });
    const point = client.describeLeadingPoint({ agentId, recoveryPointId: image.recoveryPointId });
    await expect(point).rejects.toMatchObject({ code: "not_found" });
  });
});
