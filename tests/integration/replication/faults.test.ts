import { describe, expect, it } from "vitest";
import type { TargetCore } from "@/lib/engine/replication";
import { TwincoreError } from "@/lib/errors";
import { noise } from "./records";
import { around, TwoCores } from "./two-cores";

const MiB = 1024 * 1024;
const unreachable = () => new TwincoreError("unavailable", "The cable was pulled.");

const METHODS = [
  "selectRecoveryPoints",
  "verifyAbility",
  "startJob",
  "startMetadataUpdate",
  "metadataUpdateProgress",
  "startImageSession",
  "negotiate",
  "transfer",
  "startEnding",
  "poke",
  "syncJob",
  "updateStatus",
  "updateStorageUsage",
] as const satisfies readonly (keyof TargetCore)[];

/** Fails the nth call of a method: before it reaches the target, or after, so that only the answer is lost. */
function failing(cores: TwoCores, method: string, when: "before" | "after", nth: number): () => number {
  let count = 0;
  cores.wrap = (target) =>
    around(target, async (name, call) => {
      const hit = name === method && ++count === nth;
      if (hit && when === "before") throw unreachable();
      const answer = await call();
      if (hit) throw unreachable();
      return answer;
    });
  return () => count;
}

/** Attempts until the session has nothing more to do; the engine would make them by itself, a little later each time. */
async function runUntilDone(cores: TwoCores): Promise<number> {
  for (let attempts = 1; attempts <= 5; attempts++) {
    await cores.run();
    if ((await cores.sourceSession()).state === "ok") return attempts;
  }
  throw new Error("the replication did not get done in five attempts");
}

const shared = await TwoCores.start(["a", "b"]);

describe.each(METHODS)("%s", (method) => {
  it.each(["before", "after"] as const)(
    "may fail %s it reached the target: the run goes on and nothing is lost or doubled",
    async (when) => {
      const cores = shared;
      const a = noise(`a ${method} ${when}`, 9 * MiB);
      const b = noise(`b ${method} ${when}`, MiB);
      const pointId = await cores.capture({ a, b });
      const before = { runs: await cores.source.db.prisma.run.count(), ...(await cores.storedRecords()) };
      const count = failing(cores, method, when, method === "transfer" ? 2 : 1);
      expect(await runUntilDone(cores)).toBeLessThanOrEqual(2);
      if (method !== "syncJob") expect(count()).toBeGreaterThan(0);
      expect((await cores.targetPoints()).at(-1)).toBe(pointId);
      await cores.expectOnTarget(pointId, { a, b });
      expect((await cores.storedRecords()).records - before.records).toBe(10 * 64);
      const run = await cores.newestRun();
      expect(run).toMatchObject({ state: "succeeded", pointsDone: 1, pointsTotal: 1, bytesDone: BigInt(10 * MiB) });
      expect(run.recordsNew + run.recordsKnown).toBe(640n);
      expect((await cores.source.db.prisma.run.count()) - before.runs).toBe(1);
      expect(await cores.targetSession()).toMatchObject({ newestPointId: pointId });
    },
  );
});

describe("an interrupted transfer", () => {
  it("resends at most what was in flight", async () => {
    const cores = await TwoCores.start();
    const disk = noise("disk", 24 * MiB);
    await cores.capture({ disk });
    // The first two are small, whatever the speed; the third is as large as was measured then.
    failing(cores, "transfer", "before", 3);
    await cores.run();
    expect(await cores.sourceSession()).toMatchObject({ state: "system_paused", failureCode: "unavailable" });
    const halfway = await cores.newestRun();
    expect(halfway).toMatchObject({ state: "paused" });
    await runUntilDone(cores);
    const run = await cores.newestRun();
    expect(run.id).toBe(halfway.id);
    // Two whole transfers had arrived; nothing of them crossed again.
    expect(Number(run.wireBytes)).toBeLessThan(24 * MiB * 1.05);
    expect(run.savedBytes).toBe(0n);
  });

  it("keeps the whole records of a stream that breaks in the middle", async () => {
    const cores = await TwoCores.start();
    const disk = noise("disk", 3 * MiB);
    const pointId = await cores.capture({ disk });
    let broken = false;
    cores.wrap = (target) => ({
      ...target,
      transfer: (input, frames) => {
        if (broken) return target.transfer(input, frames);
        broken = true;
        return target.transfer(input, breakingAt(frames, MiB));
      },
    });
    await cores.run();
    const { records } = await cores.storedRecords();
    expect(records).toBeGreaterThanOrEqual(60);
    expect(records).toBeLessThan(70);
    await runUntilDone(cores);
    await cores.expectOnTarget(pointId, { disk });
    expect(Number((await cores.newestRun()).wireBytes)).toBeLessThan(3 * MiB + MiB + 200_000);
  });

  it("counters never go backwards over attempts", async () => {
    const cores = await TwoCores.start();
    const disk = noise("disk", 40 * MiB);
    await cores.capture({ disk });
    const seen: bigint[][] = [];
    for (const nth of [2, 3, 3]) {
      failing(cores, "transfer", "before", nth);
      await cores.run();
      const run = await cores.newestRun();
      seen.push([run.bytesDone, run.savedBytes, run.recordsNew, run.recordsKnown, run.wireBytes, run.bytesTotal]);
      if (run.state === "succeeded") break;
    }
    for (let i = 1; i < seen.length; i++)
      for (const [at, value] of (seen[i] ?? []).entries())
        expect(value).toBeGreaterThanOrEqual(seen[i - 1]?.[at] ?? 0n);
  });

  it("survives transfers that come twice and in any order", async () => {
    const cores = await TwoCores.start();
    const disk = noise("disk", 20 * MiB);
    const pointId = await cores.capture({ disk });
    cores.wrap = (target) => ({
      ...target,
      transfer: async (input, frames) => {
        const kept: Uint8Array[] = [];
        for await (const frame of frames) kept.push(Buffer.from(frame));
        await Promise.all([target.transfer(input, replay(kept)), target.transfer(input, replay(kept.toReversed()))]);
      },
    });
    await cores.run();
    await cores.expectOnTarget(pointId, { disk });
    expect((await cores.storedRecords()).records).toBe(20 * 64);
  });
});

async function* replay(frames: Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* frames;
}

async function* breakingAt(frames: AsyncIterable<Uint8Array>, bytesMax: number): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const frame of frames) {
    bytes += frame.length;
    if (bytes > bytesMax) {
      yield frame.subarray(0, frame.length / 2);
      throw unreachable();
    }
    yield frame;
  }
}

describe("failures that do not pass", () => {
  it("are told, counted, and tried again later and later", async () => {
    const cores = await TwoCores.start();
    await cores.capture({ disk: noise("a", MiB) });
    cores.wrap = (target) => around(target, () => Promise.reject(new TwincoreError("forbidden", "Not you.")));
    const waits: number[] = [];
    for (let i = 0; i < 3; i++) {
      await cores.run();
      const session = await cores.sourceSession();
      expect(session).toMatchObject({ state: "system_paused", failureCode: "forbidden", consecutiveFailures: i + 1 });
      waits.push(Math.round(((session.nextRunAt?.getTime() ?? 0) - Date.now()) / 1000));
    }
    expect(waits).toEqual([5, 10, 20]);
    expect(await cores.source.db.prisma.run.count({ where: { state: "failed", failureMessage: "Not you." } })).toBe(3);
  });

  it("ask whether the pairing still holds when the target does not know us", async () => {
    const cores = await TwoCores.start();
    await cores.capture({ disk: noise("a", MiB) });
    cores.wrap = (target) => around(target, () => Promise.reject(new TwincoreError("unauthenticated", "Who are you?")));
    await cores.run();
    expect(cores.source.enqueued).toContainEqual({
      name: "poll-pairing",
      payload: { pairingId: cores.ids.sourcePairingId },
    });
  });
});
