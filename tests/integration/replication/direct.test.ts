import { beforeEach, describe, expect, it } from "vitest";
import { deleteRecoveryPoint } from "@/lib/engine/recovery-points";
import type { TargetCore } from "@/lib/engine/replication";
import { getSession } from "@/lib/engine/sessions";
import { TwincoreError } from "@/lib/errors";
import { noise } from "./records";
import { around, TwoCores } from "./two-cores";

const MiB = 1024 * 1024;
const RECORD = 16 * 1024;
const unreachable = () => new TwincoreError("unavailable", "The cable was pulled.");

/** The disk with some of its records other than they were. */
function changed(disk: Buffer, name: string, ...records: number[]): Buffer {
  const next = Buffer.from(disk);
  for (const at of records) noise(`${name} ${at}`, RECORD).copy(next, at * RECORD);
  return next;
}

let cores: TwoCores;
let disk: Buffer;
beforeEach(async () => {
  cores = await TwoCores.start();
  disk = noise("disk", 8 * MiB);
  await cores.capture({ disk });
  await cores.run();
  cores.preference = "direct";
  cores.calls.length = 0;
});

const calls = (name: keyof TargetCore) => cores.calls.filter((call) => call === name).length;

describe("a direct replication", () => {
  it("makes the same bytes out of the changed records alone, and no other key crosses", async () => {
    const next = Buffer.concat([changed(disk, "next", 0, 7, 8, 511), Buffer.alloc(RECORD), noise("tail", 5_000)]);
    const before = await cores.storedRecords();
    const pointId = await cores.capture({ disk: next });
    let keys = 0;
    cores.wrap = (target) =>
      around(target, (name, call, args) => {
        if (name === "negotiateDirect") keys += (args[1] as Buffer).length / 44;
        return call();
      });
    await cores.run();
    await cores.expectOnTarget(pointId, { disk: next });
    // Four changed records, one of zeros, and the tail.
    expect(keys).toBe(6);
    expect((await cores.storedRecords()).records - before.records).toBe(5);
    expect(calls("negotiate")).toBe(0);
    const run = await cores.newestRun();
    expect(run).toMatchObject({ state: "succeeded", mode: "direct", recordsNew: 5n, bytesDone: BigInt(next.length) });
    expect(run.recordsKnown).toBe(508n);
    expect(await cores.newestRun("target")).toMatchObject({ mode: "direct" });
    const { run: shown } = await getSession(cores.source.ctx, { id: cores.ids.sourceSessionId });
    expect(shown?.mode).toBe("direct");
  });

  it("also of a disk that became smaller, and of one that did not change", async () => {
    const smaller = changed(disk, "smaller", 3).subarray(0, 5 * MiB + 1);
    for (const next of [smaller, smaller]) {
      const pointId = await cores.capture({ disk: next });
      await cores.run();
      await cores.expectOnTarget(pointId, { disk: next });
    }
    expect(calls("startDirectSession")).toBe(2);
    expect(calls("negotiate")).toBe(0);
  });

  it("goes from point to point, each one a change of the one before", async () => {
    const ids = [];
    for (let i = 1; i <= 3; i++) ids.push(await cores.capture({ disk: changed(disk, "chain", i, 2 * i) }));
    await cores.run();
    expect((await cores.targetPoints()).slice(1)).toEqual(ids);
    for (const [i, id] of ids.entries())
      await cores.expectOnTarget(id, { disk: changed(disk, "chain", i + 1, 2 * i + 2) });
    expect(calls("startDirectSession")).toBe(3);
    expect(calls("negotiate")).toBe(0);
  });

  it("offers all keys when the target does not hold the base any more, and says so nowhere as a failure", async () => {
    const next = changed(disk, "gone", 1);
    const pointId = await cores.capture({ disk: next });
    const [base] = await cores.targetPoints();
    let removed = false;
    cores.wrap = (target) =>
      around(target, async (name, call) => {
        if (name === "startDirectSession" && !removed) {
          removed = true;
          await deleteRecoveryPoint(cores.target.ctx, { id: base ?? "" });
        }
        return call();
      });
    await cores.run();
    await cores.expectOnTarget(pointId, { disk: next });
    expect(await cores.newestRun()).toMatchObject({ state: "succeeded", mode: "negotiated" });
    expect(await cores.sourceSession()).toMatchObject({ failureMessage: null });
    expect(calls("negotiate")).toBe(1);
  });

  it.each(["negotiateDirect", "startEnding"] as const)(
    "survives that the base is removed on the target before %s",
    async (method) => {
      const next = changed(disk, `removed ${method}`, 1, 2);
      const pointId = await cores.capture({ disk: next });
      const [base] = await cores.targetPoints();
      let removed = false;
      cores.wrap = (target) =>
        around(target, async (name, call) => {
          if (name === method && !removed) {
            removed = true;
            await deleteRecoveryPoint(cores.target.ctx, { id: base ?? "" });
          }
          return call();
        });
      await cores.run();
      await cores.expectOnTarget(pointId, { disk: next });
      expect(await cores.newestRun()).toMatchObject({ state: "succeeded" });
    },
  );

  it("offers all keys to a target that knows no direct sessions", async () => {
    const next = changed(disk, "old", 9);
    const pointId = await cores.capture({ disk: next });
    cores.wrap = (target) =>
      around(target, async (name, call) => {
        if (name === "startDirectSession") throw new TwincoreError("not_found", "This operation does not exist here.");
        return call();
      });
    await cores.run();
    await cores.expectOnTarget(pointId, { disk: next });
    expect(await cores.newestRun()).toMatchObject({ state: "succeeded", mode: "negotiated" });
  });

  it("chooses by itself: a large disk with a small change goes directly, a small one does not", async () => {
    cores.preference = "auto";
    await cores.capture({ disk: changed(disk, "small", 4) });
    await cores.run();
    expect(calls("startDirectSession")).toBe(0);
    const large = Buffer.concat([noise("large", MiB), Buffer.alloc(63 * MiB)]);
    await cores.capture({ disk: large });
    await cores.run();
    expect(calls("startDirectSession")).toBe(0);
    const pointId = await cores.capture({ disk: changed(large, "large", 2000) });
    await cores.run();
    await cores.expectOnTarget(pointId, { disk: changed(large, "large", 2000) });
    expect(calls("startDirectSession")).toBe(1);
  });
});

const METHODS = [
  "startDirectSession",
  "sendScid",
  "sendBitmap",
  "negotiateDirect",
  "transfer",
  "startEnding",
  "poke",
] as const satisfies readonly (keyof TargetCore)[];

describe.each(METHODS)("a direct replication whose %s", (method) => {
  it.each(["before", "after"] as const)("fails %s it arrived goes on, and sends no record twice", async (when) => {
    const next = changed(disk, `${method} ${when}`, ...Array.from({ length: 300 }, (_, i) => i));
    const pointId = await cores.capture({ disk: next });
    const before = await cores.storedRecords();
    let count = 0;
    cores.wrap = (target) =>
      around(target, async (name, call) => {
        const hit = name === method && ++count === 1;
        if (hit && when === "before") throw unreachable();
        const answer = await call();
        if (hit) throw unreachable();
        return answer;
      });
    await cores.run();
    expect((await cores.sourceSession()).failureCode).toBe("unavailable");
    await cores.run();
    expect((await cores.sourceSession()).state).toBe("ok");
    await cores.expectOnTarget(pointId, { disk: next });
    expect((await cores.storedRecords()).records - before.records).toBe(300);
    expect(calls("negotiate")).toBe(0);
    expect((await cores.newestRun()).mode).toBe("direct");
  });
});
