import { beforeEach, describe, expect, it } from "vitest";
import { deletePairing } from "@/lib/engine/pairing";
import { cancelRun, pauseSession, resumeSession } from "@/lib/engine/sessions";
import {
  getVaultReplication,
  listReplicationDestinations,
  replicateImage,
  replicateVault,
  sweepVaultReplications,
} from "@/lib/engine/vault-replications";
import { RecordFollower } from "@/lib/engine/vault-replications/follow";
import { TwincoreError } from "@/lib/errors";
import { log } from "@/lib/log";
import { createQueue } from "@/lib/queue";
import { until } from "../../support/until";
import { bundled } from "../queue/bundled-process";
import { around } from "../replication/two-cores";
import { TwoVaults } from "./two-vaults";

const vaults = await TwoVaults.start();
const { source, target, ids, input } = vaults;
const { prisma } = source.db;
const session = await prisma.replicationSession.findFirstOrThrow({ where: { agentId: ids.agentId } });
const MiB = 1024 * 1024;
const start = () => replicateVault(source.ctx(), input);
const states = async (id: string) => (await vaults.records(id)).map(({ state }) => state);
const due = () => prisma.replicationSession.updateMany({ where: { id: session.id }, data: { nextRunAt: new Date(0) } });

beforeEach(async () => {
  await prisma.replicationRecord.deleteMany();
  await prisma.vaultReplication.deleteMany();
  source.jobs = [];
  source.aheadMs = 0;
});

describe("a target that is down", () => {
  it("is known by what it said before; the records wait, say why, and go on when it is back", async () => {
    await listReplicationDestinations(source.ctx(), {});
    await vaults.capture(2);
    await target.stopListening();
    const { destinations } = await listReplicationDestinations(source.ctx(), {});
    expect(destinations).toMatchObject([{ reachable: false, repositories: [{ id: ids.destinationId }] }]);
    expect(destinations[0]?.message).toBeTruthy();
    const { id } = await start();
    await vaults.work();
    expect(await vaults.records(id)).toMatchObject(
      Array(2).fill({ state: "waiting", failure: { code: "unavailable" } }),
    );
    await target.listen();
    await due();
    await sweepVaultReplications(source.ctx());
    await vaults.work();
    expect(await states(id)).toEqual(["succeeded", "succeeded"]);
  });

  it("that never said what it offers cannot be chosen", async () => {
    await prisma.repositoryReport.deleteMany();
    await target.stopListening();
    await expect(start()).rejects.toMatchObject({ code: "unavailable" });
    await target.listen();
    expect(await prisma.vaultReplication.count()).toBe(0);
  });

  it("in the middle of a run leaves the rest waiting, and what arrived is done", async () => {
    await vaults.capture(4);
    const { id } = await start();
    let ended = 0;
    await vaults.run((core) =>
      around(core, async (name, call) => {
        if (name === "startImageSession" && ended++ === 2) throw new TwincoreError("unavailable", "Gone.");
        return call();
      }),
    );
    expect((await states(id)).slice(-4)).toEqual(["succeeded", "succeeded", "waiting", "waiting"]);
    await due();
    await sweepVaultReplications(source.ctx());
    await vaults.work();
    expect(new Set(await states(id))).toEqual(new Set(["succeeded"]));
  });
});

describe("one point that the target refuses", () => {
  it("fails alone, with the reason, and its neighbours succeed", async () => {
    const [, bad] = await vaults.capture(3);
    const { id } = await start();
    await vaults.run((core) =>
      around(core, async (name, call, args) => {
        const [asked] = args as [{ recoveryPointId?: string }];
        if (name === "startImageSession" && asked?.recoveryPointId === bad)
          throw new TwincoreError("invalid_input", "No such thing.");
        return call();
      }),
    );
    const failed = (await vaults.records(id)).filter(({ state }) => state !== "succeeded");
    expect(failed).toMatchObject([{ recoveryPointId: bad, state: "failed", failure: { message: "No such thing." } }]);
    await due();
    await vaults.run((core) => core);
  });
});

describe("orders of people", () => {
  it("a pause makes the records wait and say so, resume goes on", async () => {
    await vaults.capture(1);
    await pauseSession(source.ctx(), { id: session.id });
    const { id } = await start();
    await vaults.work();
    const waiting = (await vaults.records(id)).filter(({ state }) => state === "waiting");
    expect(waiting.length).toBeGreaterThan(0);
    expect(waiting.every(({ failure }) => failure?.code === "paused")).toBe(true);
    await resumeSession(source.ctx(), { id: session.id });
    await vaults.work();
    expect(new Set(await states(id))).toEqual(new Set(["succeeded"]));
  });

  it("a cancelled run fails its records, so that the vault is free again", async () => {
    const [pointId] = await vaults.capture(1);
    const { id } = await start();
    const run = () => prisma.run.findFirstOrThrow({ where: { sessionId: session.id }, orderBy: { createdAt: "desc" } });
    await vaults.run((core) =>
      around(core, async (name, call) => {
        if (name !== "startImageSession") return call();
        await cancelRun(source.ctx(), { id: session.id });
        const { updatedAt } = await run();
        await until("a beat of the run after the order", async () => (await run()).updatedAt > updatedAt);
        return call();
      }),
    );
    const record = (await vaults.records(id)).find(({ recoveryPointId }) => recoveryPointId === pointId);
    expect(record).toMatchObject({ state: "failed", failure: { code: "cancelled" } });
    expect((await getVaultReplication(source.ctx(), { id })).endedAt).not.toBeNull();
    await due();
    await vaults.run((core) => core);
  }, 60_000);
});

describe("progress", () => {
  it("of an image rises to 99, never falls, and is 100 with the success of its point alone", async () => {
    const [pointId] = await vaults.capture(1);
    const image = await prisma.volumeImage.findFirstOrThrow({ where: { recoveryPointId: pointId } });
    await replicateImage(source.ctx(), { ...input, imageId: image.id });
    const follower = new RecordFollower(source.ctx(), session);
    const there = async () => ({
      agents: [
        {
          id: ids.agentId,
          displayName: "mail",
          hostName: "",
          repositoryId: ids.destinationId,
          replicationState: "Replicating" as const,
          isRunRequested: false,
        },
      ],
    });
    await follower.begin({ present: [], conflicting: [] }, there as never);
    await follower.beginImage({ id: image.id, sizeBytes: 1000 });
    const seen: number[] = [];
    for (const bytes of [100, 500, 400, 1000]) {
      await follower.progress(bytes);
      seen.push((await prisma.replicationRecord.findFirstOrThrow()).progressPercent);
    }
    expect(seen).toEqual([10, 50, 50, 99]);
    await follower.endPoint(pointId ?? "");
    expect(await prisma.replicationRecord.findFirstOrThrow()).toMatchObject({
      state: "succeeded",
      progressPercent: 100,
    });
    await due();
    await vaults.run((core) => core);
  });
});

describe("a worker that is killed -9 in the middle", () => {
  it("is replaced; every record comes to success, and at most the image under way is sent again", async () => {
    await vaults.capture(8, ids.agentId, MiB);
    await prisma.pairing.updateMany({ data: { rateCapBytesPerSecond: BigInt(2 * MiB) } });
    const queue = createQueue(source.db, log);
    const { id } = await replicateVault({ ...source.ctx(), enqueue: queue.enqueue }, input);
    const launch = await bundled("tests/integration/vault-replications/vault-worker.ts");
    const env = { DATABASE_URL: source.db.url, CORE_SECRET: source.secret.toString("hex") };
    const fresh = async () => (await vaults.records(id)).slice(-8).map(({ state }) => state);
    const first = launch(env);
    await until(
      "three of the new images have arrived",
      async () => (await fresh()).filter((s) => s === "succeeded").length >= 3,
    );
    await first.kill();
    expect(await fresh()).not.toEqual(Array(8).fill("succeeded"));
    await prisma.pairing.updateMany({ data: { rateCapBytesPerSecond: null } });
    const second = launch(env);
    await until("all records have succeeded", async () => (await states(id)).every((s) => s === "succeeded"));
    const images = (await vaults.records(id)).slice(-8).map(({ imageId }) => imageId);
    const where = { state: "committed" as const, volumeImageId: { in: images } };
    expect(await target.db.prisma.imageSession.count({ where })).toBeLessThanOrEqual(9);
    expect(await second.stop()).toBe(0);
    await queue.stop();
  }, 120_000);
});

describe("records that nothing can come of", () => {
  it("fail after a week of waiting", async () => {
    await pauseSession(source.ctx(), { id: session.id });
    await vaults.capture(1);
    const { id } = await start();
    source.aheadMs = 8 * 86_400_000;
    await sweepVaultReplications(source.ctx());
    await source.runJobs("drive-vault-replications");
    expect(new Set(await states(id))).toEqual(new Set(["failed"]));
    expect((await vaults.records(id))[0]?.failure?.code).toBe("expired");
  });

  it("fail when the pairing has ended", async () => {
    const { id } = await start();
    await deletePairing(source.ctx(), { id: ids.pairingId });
    await sweepVaultReplications(source.ctx());
    await source.runJobs("drive-vault-replications");
    expect((await vaults.records(id)).every(({ failure }) => failure?.code === "pairing-ended")).toBe(true);
    await expect(start()).rejects.toMatchObject({ options: { detail: "not-replicable" } });
  });
});
