import { describe, expect, it } from "vitest";
import type { TargetCore } from "@/lib/engine/replication";
import {
  cancelRun,
  hearTargets,
  pauseSession,
  resumeSession,
  runSession,
  wakeDueSessions,
} from "@/lib/engine/sessions";
import { TwincoreError } from "@/lib/errors";
import { until } from "@/tests/support/until";
import { noise } from "./records";
import { TwoCores } from "./two-cores";

const MiB = 1024 * 1024;

/** A run held at its third transfer until the test lets it go on. */
async function heldRun(cores: TwoCores) {
  let open = () => {};
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  let transfers = 0;
  cores.wrap = (target) => ({
    ...target,
    transfer: async (input, frames) => {
      if (++transfers >= 3) await gate;
      return target.transfer(input, frames);
    },
  });
  const run = cores.run();
  await until("the run is in the middle", () => transfers >= 3);
  const letGo = async () => {
    open();
    await run;
    cores.wrap = (target) => target;
  };
  return { letGo, transfers: () => transfers };
}

const inTheMiddle = async () => {
  const cores = await TwoCores.start();
  const disk = noise("disk", 60 * MiB);
  await cores.capture({ disk });
  return { cores, disk, held: await heldRun(cores) };
};
const source = (cores: TwoCores) => ({ id: cores.ids.sourceSessionId });
const target = (cores: TwoCores) => ({ id: cores.ids.targetSessionId });

/** The next beat of the run has seen what changed: it comes each second. */
async function nextBeat(cores: TwoCores, side: "source" | "target" = "source"): Promise<void> {
  const { updatedAt } = await cores.newestRun(side);
  for (const _ of [1, 2]) {
    const { updatedAt: last } = await cores.newestRun(side);
    await until("a beat of the run", async () => (await cores.newestRun(side)).updatedAt > last);
  }
  expect((await cores.newestRun(side)).updatedAt > updatedAt).toBe(true);
}

describe("pause", () => {
  it("on the source stops the run after what is in flight; resume goes on with the same run", async () => {
    const { cores, disk, held } = await inTheMiddle();
    expect(await pauseSession(cores.source.ctx, source(cores))).toMatchObject({ state: "pausing", pausedBy: "source" });
    await nextBeat(cores);
    await held.letGo();
    const paused = await cores.newestRun();
    expect(paused).toMatchObject({ state: "paused" });
    expect(paused.bytesDone).toBeLessThan(BigInt(disk.length));
    expect(await cores.targetSession()).toMatchObject({ state: "paused", pausedBy: "source" });
    await cores.run();
    expect((await cores.newestRun()).state).toBe("paused");
    await resumeSession(cores.source.ctx, source(cores));
    expect(cores.source.enqueued).toContainEqual({ name: "run-replication", payload: { sessionId: source(cores).id } });
    await cores.run();
    expect(await cores.newestRun()).toMatchObject({ id: paused.id, state: "succeeded" });
    expect(await cores.targetSession()).toMatchObject({ state: "ok", pausedBy: null });
    expect((await cores.storedRecords()).records).toBe(60 * 64);
  });

  it("on the target stops the run of the source, which says who paused it; resume there is heard within a minute", async () => {
    const { cores, held } = await inTheMiddle();
    await nextBeat(cores, "target");
    await pauseSession(cores.target.ctx, target(cores));
    await nextBeat(cores, "target");
    await held.letGo();
    expect(await cores.sourceSession()).toMatchObject({ state: "paused", pausedBy: "target" });
    await cores.run();
    expect(await cores.sourceSession()).toMatchObject({ state: "paused", pausedBy: "target" });
    await resumeSession(cores.target.ctx, target(cores));
    await hearTargets(cores.source.ctx, cores.connect);
    cores.source.aheadMs = 1_000;
    await wakeDueSessions(cores.source.ctx);
    expect(cores.source.enqueued).toContainEqual({ name: "run-replication", payload: { sessionId: source(cores).id } });
    await cores.run();
    expect(await cores.sourceSession()).toMatchObject({ state: "ok", pausedBy: null });
    expect(await cores.targetPoints()).toHaveLength(1);
  });

  it("on the target while nothing runs shows on the source, and refuses a start", async () => {
    const cores = await TwoCores.start();
    await cores.capture({ disk: noise("a", MiB) });
    await pauseSession(cores.target.ctx, target(cores));
    await hearTargets(cores.source.ctx, cores.connect);
    expect(await cores.sourceSession()).toMatchObject({ state: "paused", pausedBy: "target" });
    await cores.run();
    expect(cores.calls).not.toContain("startJob");
    expect(await cores.source.db.prisma.run.count()).toBe(0);
    await expect(
      cores.client.startJob({ agentId: cores.ids.agentId, masterJobId: cores.ids.agentId }),
    ).rejects.toMatchObject({ code: "conflict", options: { detail: "paused" } });
  });
});

describe("cancel", () => {
  it.each(["source", "target"] as const)(
    "on the %s ends the run; what arrived stays, and the next run sends the rest",
    async (side) => {
      const { cores, disk, held } = await inTheMiddle();
      await nextBeat(cores, "target");
      await cancelRun(cores[side].ctx, side === "source" ? source(cores) : target(cores));
      await nextBeat(cores, side);
      await held.letGo();
      const cancelled = await cores.newestRun();
      expect(cancelled).toMatchObject({ state: "cancelled" });
      expect(await cores.newestRun("target")).toMatchObject({ state: "cancelled" });
      expect(await cores.sourceSession()).toMatchObject({ state: "initializing", nextRunAt: null });
      await cores.run();
      const next = await cores.newestRun();
      expect(next.id).not.toBe(cancelled.id);
      expect(next.savedBytes + cancelled.bytesDone).toBeGreaterThanOrEqual(BigInt(disk.length) - next.bytesDone);
      expect(next.recordsNew + cancelled.recordsNew).toBe(60n * 64n);
    },
  );

  it("of a run that waits to try again ends it at once", async () => {
    const cores = await TwoCores.start();
    await cores.capture({ disk: noise("a", MiB) });
    cores.wrap = (t) => ({ ...t, transfer: () => Promise.reject(new TwincoreError("unavailable", "No.")) });
    await cores.run();
    expect(await cancelRun(cores.source.ctx, source(cores))).toMatchObject({
      state: "initializing",
      nextRunAt: null,
      run: { state: "cancelled" },
    });
    await expect(cancelRun(cores.source.ctx, source(cores))).rejects.toMatchObject({ code: "conflict" });
  });
});

describe("run now", () => {
  it("on the source queues a run that a page can show, once", async () => {
    const cores = await TwoCores.start();
    await cores.capture({ disk: noise("a", MiB) });
    expect(await runSession(cores.source.ctx, source(cores))).toMatchObject({ run: { state: "queued" } });
    await runSession(cores.source.ctx, source(cores));
    expect(await cores.source.db.prisma.run.count()).toBe(1);
    await cores.run();
    expect(await cores.newestRun()).toMatchObject({ state: "succeeded", pointsDone: 1 });
  });

  it("on the target is a wish that the source hears, once", async () => {
    const cores = await TwoCores.start();
    await runSession(cores.target.ctx, target(cores));
    await hearTargets(cores.source.ctx, cores.connect);
    expect((await cores.sourceSession()).nextRunAt).not.toBeNull();
    await cores.run();
    await hearTargets(cores.source.ctx, cores.connect);
    expect((await cores.sourceSession()).nextRunAt).toBeNull();
  });
});

describe("two runs of one session", () => {
  it("exclude each other", async () => {
    const { cores, held } = await inTheMiddle();
    const calls = cores.calls.length;
    const second = cores.run();
    await nextBeat(cores);
    await second;
    expect(cores.calls.slice(calls).filter((name) => name === "selectRecoveryPoints")).toEqual([]);
    await held.letGo();
    expect(await cores.newestRun()).toMatchObject({ state: "succeeded" });
    expect(await cores.source.db.prisma.run.count()).toBe(1);
  });

  it("the lease of a dead worker is taken over, and the dead one cannot write any more", async () => {
    const { cores, held } = await inTheMiddle();
    const { id } = await cores.newestRun();
    await cores.source.db.pool.query("update run set lease_owner = 'another', lease_until = now() where id = $1", [id]);
    await held.letGo();
    expect(await cores.newestRun()).toMatchObject({ state: "running", leaseOwner: "another" });
    await cores.run();
    expect(await cores.newestRun()).toMatchObject({ id, state: "succeeded", leaseOwner: null });
  });

  it("a worker that stops lets go of the run, and the next one goes on with it", async () => {
    const { cores, held } = await inTheMiddle();
    await held.letGo();
    const second = noise("second", 60 * MiB);
    await cores.capture({ disk: second });
    const stopping = new AbortController();
    cores.wrap = (t: TargetCore) => ({
      ...t,
      startEnding: async (input) => {
        stopping.abort(new Error("the worker is stopping"));
        return t.startEnding(input);
      },
    });
    await expect(cores.run(stopping.signal)).rejects.toThrow("stopping");
    const put = await cores.newestRun();
    expect(put).toMatchObject({ state: "queued", leaseOwner: null });
    cores.wrap = (t) => t;
    await cores.run();
    expect(await cores.newestRun()).toMatchObject({ id: put.id, state: "succeeded" });
  });
});
