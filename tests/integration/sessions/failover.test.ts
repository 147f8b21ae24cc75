import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { addVolume } from "@/lib/engine/agents";
import { captureStream } from "@/lib/engine/capture";
import {
  failBackSession,
  failOverSession,
  getSession,
  listenToFailedOver,
  reprotectSession,
  resolveDivergence,
} from "@/lib/engine/sessions";
import { startCapture } from "@/lib/engine/tasks";
import { until } from "@/tests/support/until";
import { SessionPair } from "../../support/session-pair";
import { noise } from "../replication/records";

const KiB = 1024;
let pair: SessionPair;
const id = () => ({ id: pair.sessionId });

beforeEach(async () => {
  pair = await SessionPair.start();
  await pair.capture("caller", noise("one", 300 * KiB));
  await pair.replicate();
});

describe("a planned failover", () => {
  it("brings the last point over, then the roles change on both cores and captures go to the other one", async () => {
    const last = await pair.capture("caller", noise("two", 300 * KiB));
    expect(await failOverSession(pair.caller.ctx(), id())).toMatchObject({ state: "failing_over", role: "source" });
    await expect(pair.capture("caller", noise("x", KiB))).rejects.toMatchObject({
      options: { detail: "failing-over" },
    });
    await pair.work();
    expect(await pair.session("caller")).toMatchObject({
      state: "failed_over",
      role: "destination",
      epoch: 1,
      commonPointId: last,
    });
    expect(await pair.session("callee")).toMatchObject({
      state: "failed_over",
      role: "source",
      epoch: 1,
      commonPointId: last,
    });
    expect(await pair.points("callee")).toEqual(await pair.points("caller"));
    expect((await pair.agent("caller")).leadPairingId).toBe(pair.pairingIds.caller);
    expect((await pair.agent("callee")).leadPairingId).toBeNull();
    await expect(pair.capture("caller", noise("x", KiB))).rejects.toMatchObject({ options: { detail: "not-current" } });
    const there = await pair.capture("callee", noise("three", KiB));
    expect((await pair.points("callee")).at(-1)).toBe(there);
    expect(await getSession(pair.callee.ctx(), id())).toMatchObject({ isHeard: true, failover: { kind: "planned" } });
  });

  it("is followed closely for a quarter of an hour, so that an order on the other core is heard soon", async () => {
    await failOverSession(pair.caller.ctx(), id());
    await pair.work();
    const MINUTE_MS = 60_000;
    const asksWhenHeard = async (at: number) => {
      await pair.caller.db.prisma.replicationSession.updateMany({ data: { heardAt: new Date(at) } });
      pair.caller.jobs = [];
      await listenToFailedOver(pair.caller.ctx());
      return pair.caller.jobs.map(({ name }) => name);
    };
    expect(await asksWhenHeard(Date.now() + MINUTE_MS)).toEqual([]);
    expect(await asksWhenHeard(Date.now() - MINUTE_MS)).toEqual(["tell-session"]);
    await reprotectSession(pair.callee.ctx(), id());
    await pair.caller.runJobs("tell-session");
    expect(await pair.session("caller")).toMatchObject({ state: "reprotecting", role: "destination" });
    expect(await asksWhenHeard(0)).toEqual([]);
    await pair.caller.db.prisma.replicationSession.updateMany({ data: { state: "failed_over" } });
    expect(await asksWhenHeard(0)).toEqual(["tell-session"]);
    pair.caller.aheadMs += 16 * MINUTE_MS;
    expect(await asksWhenHeard(0)).toEqual([]);
  });

  it("waits for a capture that is under way, and brings its point over", async () => {
    let finish: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      finish = resolve;
    });
    async function* body() {
      yield noise("slow", 5 * KiB);
      await held;
      yield noise("end", KiB);
    }
    const input = { agentId: pair.agentId, volumeName: "disk", signal: new AbortController().signal };
    const capture = captureStream(pair.caller.ctx(), input, body());
    await until(
      "the capture has begun",
      async () => (await pair.caller.db.prisma.task.count({ where: { state: "running" } })) === 1,
    );
    await failOverSession(pair.caller.ctx(), id());
    await pair.work();
    expect(await states()).toEqual(["failing_over", "failing_over"]);
    finish();
    const { recoveryPointId } = await capture;
    await pair.settle();
    expect(await states()).toEqual(["failed_over", "failed_over"]);
    expect((await pair.points("callee")).at(-1)).toBe(recoveryPointId);
  });
});

describe("a volume that came from the other core", () => {
  it("gets its place on this one when it is added again there, and is captured with its history", async () => {
    const disk = path.join(mkdtempSync(path.join(tmpdir(), "twincore-disk-")), "disk.img");
    writeFileSync(disk, noise("disk", 64 * KiB));
    const volume = { agentId: pair.agentId, kind: "image" as const, name: "system", path: disk };
    const { id: volumeId } = await addVolume(pair.caller.ctx(), volume);
    await pair.settle();
    await expect(addVolume(pair.callee.ctx(), volume)).rejects.toMatchObject({ options: { detail: "not-current" } });
    await failOverSession(pair.caller.ctx(), id());
    await pair.work();
    expect(await addVolume(pair.callee.ctx(), volume)).toMatchObject({ id: volumeId, path: disk });
    await expect(addVolume(pair.callee.ctx(), volume)).rejects.toMatchObject({ code: "conflict" });
    await startCapture(pair.callee.ctx(), { agentId: pair.agentId });
    await pair.callee.runJobs("run-task");
    expect(await pair.callee.db.prisma.volumeImage.count({ where: { volumeId } })).toBe(1);
    rmSync(path.dirname(disk), { recursive: true });
  });
});

describe("an unplanned failover", () => {
  it("goes on from the newest point that arrived, and the other core hears of it when it is back", async () => {
    await pair.cutLink();
    expect(await failOverSession(pair.callee.ctx(), { ...id(), kind: "unplanned" })).toMatchObject({
      state: "failing_over_for_dr",
    });
    await pair.work();
    expect(await pair.session("callee")).toMatchObject({ state: "failed_over", role: "source", epoch: 1 });
    await pair.capture("callee", noise("there", KiB));
    await pair.restoreLink();
    expect(await pair.session("caller")).toMatchObject({ role: "source", epoch: 0 });
    await pair.hear();
    expect(await pair.session("caller")).toMatchObject({
      state: "failed_over",
      role: "destination",
      epoch: 1,
      divergence: null,
    });
    expect((await pair.agent("caller")).leadPairingId).toBe(pair.pairingIds.caller);
  });
});

const roles = async () => [(await pair.session("caller")).role, (await pair.session("callee")).role];
const states = async () => [(await pair.session("caller")).state, (await pair.session("callee")).state];
const unplanned = () => ({ ...id(), kind: "unplanned" as const });

describe("after a failover", () => {
  it("reprotect fetches what was captured there, and both are up to date again", async () => {
    await failOverSession(pair.caller.ctx(), id());
    await pair.work();
    await pair.capture("callee", noise("there", 200 * KiB));
    await reprotectSession(pair.callee.ctx(), id());
    await pair.settle();
    expect(await states()).toEqual(["ok", "ok"]);
    expect(await roles()).toEqual(["destination", "source"]);
    expect(await pair.points("caller")).toEqual(await pair.points("callee"));
    await pair.capture("callee", noise("again", 200 * KiB));
    await pair.settle();
    expect(await pair.points("caller")).toEqual(await pair.points("callee"));
  });

  it("a planned failover back, given there, returns the roles with nothing lost", async () => {
    await failOverSession(pair.caller.ctx(), { ...id(), reverse: true });
    await pair.settle();
    expect(await states()).toEqual(["ok", "ok"]);
    const there = await pair.capture("callee", noise("there", 200 * KiB));
    await failOverSession(pair.callee.ctx(), id());
    await pair.settle();
    expect(await states()).toEqual(["failed_over", "failed_over"]);
    expect(await roles()).toEqual(["source", "destination"]);
    expect((await pair.points("caller")).at(-1)).toBe(there);
    await reprotectSession(pair.caller.ctx(), id());
    await pair.settle();
    expect(await states()).toEqual(["ok", "ok"]);
    await pair.capture("caller", noise("home", KiB));
    await pair.settle();
    expect(await pair.points("callee")).toEqual(await pair.points("caller"));
  });

  it.each(["caller", "callee"] as const)("failback given on the %s does all its steps by itself", async (side) => {
    await failOverSession(pair.caller.ctx(), id());
    await pair.work();
    await pair.capture("callee", noise("there", 200 * KiB));
    await failBackSession(pair.core(side).ctx(), id());
    await pair.settle(8);
    expect(await states()).toEqual(["ok", "ok"]);
    expect(await roles()).toEqual(["source", "destination"]);
    expect((await pair.session("caller")).epoch).toBe(2);
    expect(await pair.points("callee")).toEqual(await pair.points("caller"));
  });
});

/** Both cores go on without each other after a failover that the old source did not hear of. */
async function splitBrain() {
  await pair.cutLink();
  const here = await pair.capture("caller", noise("here", KiB));
  await failOverSession(pair.callee.ctx(), unplanned());
  await pair.work();
  const there = await pair.capture("callee", noise("there", KiB));
  await pair.restoreLink();
  await pair.settle();
  return { here, there };
}

describe("when both cores were written", () => {
  it("both say which points are on which side, and nothing is copied", async () => {
    const { here, there } = await splitBrain();
    const onCaller = await getSession(pair.caller.ctx(), id());
    const onCallee = await getSession(pair.callee.ctx(), id());
    expect(onCaller.divergence).toMatchObject({
      here: { total: 1, points: [{ id: here }] },
      there: { points: [{ id: there }] },
    });
    expect(onCallee.divergence).toMatchObject({ here: { points: [{ id: there }] }, there: { points: [{ id: here }] } });
    expect(onCallee.divergence?.commonPointId).toBe((await pair.points("callee"))[0]);
    await expect(reprotectSession(pair.callee.ctx(), id())).rejects.toMatchObject({ options: { detail: "diverged" } });
    expect(await pair.callee.db.prisma.alert.count({ where: { kind: "diverged", clearedAt: null } })).toBe(1);
    expect(await pair.points("caller")).not.toContain(there);
  });

  it.each([
    ["caller", "here", "caller"],
    ["caller", "there", "callee"],
    ["callee", "here", "callee"],
    ["callee", "there", "caller"],
  ] as const)(
    "a choice on the %s to keep what is %s makes the %s current and sets the other points aside",
    async (side, keep, winner) => {
      const { here, there } = await splitBrain();
      await resolveDivergence(pair.core(side).ctx(), { ...id(), keep });
      await pair.settle(6);
      const loser = winner === "caller" ? "callee" : "caller";
      const lost = winner === "caller" ? there : here;
      expect((await pair.session(winner)).role).toBe("source");
      expect((await pair.session(loser)).role).toBe("destination");
      expect((await pair.agent(winner)).leadPairingId).toBeNull();
      expect(await pair.points(loser)).not.toContain(lost);
      const aside = await pair
        .core(loser)
        .db.prisma.recoveryPoint.findUniqueOrThrow({ where: { id: lost }, include: { agent: true } });
      expect(aside.agent).toMatchObject({ kind: "set_aside", parentId: pair.agentId });
      for (const name of ["caller", "callee"] as const)
        expect(await pair.session(name)).toMatchObject({ divergence: null, keepSide: null, state: "failed_over" });
      await reprotectSession(pair.core(winner).ctx(), id());
      await pair.settle();
      expect(await states()).toEqual(["ok", "ok"]);
      expect(await pair.points("caller")).toEqual(await pair.points("callee"));
      expect(await pair.callee.db.prisma.alert.count({ where: { kind: "diverged", clearedAt: null } })).toBe(0);
    },
  );
});
