import { afterEach, describe, expect, it, vi } from "vitest";
import { TwincoreError } from "@/lib/errors";
import type { StorageBackend } from "@/lib/storage/backend";
import { setAgentQuota } from "@/tests/support/quotas";
import { noise } from "./records";
import { TwoCores } from "./two-cores";

const MiB = 1024 * 1024;

/** Puts something in front of the target's storage; the engine keeps one per process and repository. */
async function wrapStorage(
  cores: TwoCores,
  wrap: (storage: StorageBackend) => Partial<StorageBackend>,
): Promise<() => void> {
  const opened = await cores.target.storage;
  const real = opened.storage;
  const bound: StorageBackend = {
    put: (...a) => real.put(...a),
    create: (...a) => real.create(...a),
    read: (...a) => real.read(...a),
    stream: (...a) => real.stream(...a),
    size: (...a) => real.size(...a),
    list: (...a) => real.list(...a),
    delete: (...a) => real.delete(...a),
    space: () => real.space(),
  };
  opened.storage = { ...bound, ...wrap(real) };
  return () => {
    opened.storage = real;
  };
}

describe("a full disk on the target", () => {
  it("in the middle of a pack pauses the run with that reason, loses nothing, and goes on when there is space", async () => {
    const cores = await TwoCores.start();
    const disk = noise("disk", 30 * MiB);
    const pointId = await cores.capture({ disk });
    let left = 11 * MiB;
    const makeRoom = await wrapStorage(cores, (storage) => ({
      create: async (key) => {
        const writer = await storage.create(key);
        return {
          write: async (bytes) => {
            left -= bytes.length;
            if (left < 0) throw Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
            await writer.write(bytes);
          },
          commit: () => writer.commit(),
          abort: () => writer.abort(),
        };
      },
    }));
    await cores.run();
    expect(await cores.sourceSession()).toMatchObject({ state: "system_paused", failureCode: "storage_full" });
    const paused = await cores.newestRun();
    expect(paused).toMatchObject({ state: "paused" });
    expect(paused.pauseReason).toContain("full");
    expect(await cores.targetSession()).toMatchObject({ state: "system_paused", failureCode: "storage_full" });
    expect((await cores.sourceSession()).nextRunAt).not.toBeNull();
    makeRoom();
    await cores.run();
    expect(await cores.newestRun()).toMatchObject({ id: paused.id, state: "succeeded" });
    await cores.expectOnTarget(pointId, { disk });
    expect((await cores.storedRecords()).records).toBe(30 * 64);
  });

  it("is told before anything is sent", async () => {
    const cores = await TwoCores.start();
    await cores.capture({ disk: noise("disk", MiB) });
    await wrapStorage(cores, () => ({ space: async () => ({ freeBytes: 1000, totalBytes: 10_000 }) }));
    await cores.run();
    expect(cores.calls).toEqual(["selectRecoveryPoints", "verifyAbility"]);
    expect(await cores.sourceSession()).toMatchObject({ state: "system_paused", failureCode: "storage_full" });
  });
});

describe("a quota", () => {
  it("ends the transfer before it is exceeded, and a larger one lets it go on", async () => {
    const cores = await TwoCores.start(["disk"], BigInt(10 * MiB));
    const disk = noise("disk", 30 * MiB);
    const pointId = await cores.capture({ disk });
    await cores.run();
    expect((await cores.storedRecords()).bytes).toBeLessThanOrEqual(10 * MiB);
    expect(await cores.newestRun()).toMatchObject({ state: "paused", pauseReason: expect.stringContaining("quota") });
    await setAgentQuota(cores.target.db, cores.ids.agentId, BigInt(40 * MiB));
    await cores.run();
    await cores.expectOnTarget(pointId, { disk });
  });

  it("that is full does not keep out a point of which everything is known", async () => {
    const cores = await TwoCores.start();
    const disk = noise("disk", MiB);
    await cores.capture({ disk });
    await cores.run();
    const { bytes } = await cores.storedRecords();
    await setAgentQuota(cores.target.db, cores.ids.agentId, BigInt(bytes + 1));
    const again = await cores.capture({ disk });
    await cores.run();
    expect(await cores.targetPoints()).toContain(again);
  });
});

describe("the rate cap", () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  it.each(["source", "target"] as const)(
    "of the %s holds the records back, and lifting it lets them go at once",
    async (side) => {
      const cores = await TwoCores.start();
      await cores.capture({ disk: noise("disk", 12 * MiB) });
      // At this rate it would take an hour and a half.
      await cores[side].db.prisma.pairing.updateMany({ data: { rateCapBytesPerSecond: 2_000n } });
      let seen = false;
      cores.wrap = (target) => ({
        ...target,
        syncJob: async (input) => {
          // Once it is lifted, later words say otherwise.
          seen ||= input.job.progress?.limitedBy === "rate-cap";
          if (seen) await cores[side].db.prisma.pairing.updateMany({ data: { rateCapBytesPerSecond: null } });
          return target.syncJob(input);
        },
      });
      await cores.run();
      expect(seen).toBe(true);
      expect(await cores.newestRun()).toMatchObject({ state: "succeeded" });
    },
  );
});

describe("an error of the target that a person must read", () => {
  it("reaches the page of the source as it was said", async () => {
    const cores = await TwoCores.start();
    await cores.capture({ disk: noise("disk", MiB) });
    cores.wrap = (target) => ({
      ...target,
      startImageSession: () => Promise.reject(new TwincoreError("invalid_input", "That is no image.")),
    });
    await cores.run();
    const run = await cores.newestRun();
    expect(run).toMatchObject({ state: "failed", failureCode: "invalid_input" });
    expect(run.failureMessage).toContain("That is no image.");
  });
});
