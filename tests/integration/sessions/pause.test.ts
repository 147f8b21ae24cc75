import { beforeEach, describe, expect, it } from "vitest";
import {
  failOverSession,
  getSession,
  pauseSession,
  reprotectSession,
  resumeSession,
  syncSession,
} from "@/lib/engine/sessions";
import { SessionPair } from "../../support/session-pair";
import { noise } from "../replication/records";

const KiB = 1024;
let pair: SessionPair;
const id = () => ({ id: pair.sessionId });
const states = async () => [(await pair.session("caller")).state, (await pair.session("callee")).state];
const OTHER = { caller: "callee", callee: "caller" } as const;

beforeEach(async () => {
  pair = await SessionPair.start();
  await pair.capture("caller", noise("one", 100 * KiB));
  await pair.replicate();
});

describe("pausing while nothing runs", () => {
  it.each(["caller", "callee"] as const)("on the %s holds on both sides, and either may go on", async (side) => {
    await pauseSession(pair.core(side).ctx(), id());
    await pair.settle();
    expect(await states()).toEqual(["paused", "paused"]);
    const point = await pair.capture("caller", noise("two", KiB));
    await pair.settle();
    expect(await pair.points("callee")).not.toContain(point);
    expect(await resumeSession(pair.core(OTHER[side]).ctx(), id())).toMatchObject({ state: "resuming" });
    await pair.settle();
    expect(await states()).toEqual(["ok", "ok"]);
    expect(await pair.points("callee")).toContain(point);
  });

  it("again is no error, and sync is refused while it holds", async () => {
    for (const _ of [1, 2]) expect(await pauseSession(pair.caller.ctx(), id())).toMatchObject({ state: "paused" });
    await expect(syncSession(pair.caller.ctx(), id())).rejects.toMatchObject({ options: { detail: "wrong-state" } });
    await expect(failOverSession(pair.caller.ctx(), id())).rejects.toMatchObject({
      options: { detail: "wrong-state" },
    });
  });
});

describe("with the link down", () => {
  it("a pause on the caller holds there alone and says so; resume and failover wait; a second pause reaches both", async () => {
    await pair.cutLink();
    await pauseSession(pair.caller.ctx(), id());
    await pair.work();
    expect(await getSession(pair.caller.ctx(), id())).toMatchObject({
      state: "paused",
      isHeard: false,
      isLinkDown: true,
    });
    expect((await pair.session("callee")).state).toBe("ok");
    await expect(resumeSession(pair.caller.ctx(), id())).rejects.toMatchObject({ options: { detail: "link-down" } });
    await pair.restoreLink();
    await pauseSession(pair.caller.ctx(), id());
    await pair.work();
    expect(await states()).toEqual(["paused", "paused"]);
    expect(await getSession(pair.caller.ctx(), id())).toMatchObject({ isHeard: true, isLinkDown: false });
    await resumeSession(pair.caller.ctx(), id());
    await pair.settle();
    expect(await states()).toEqual(["ok", "ok"]);
  });

  it("a pause on the callee is heard when the caller comes back; that it is silent the callee knows by the time", async () => {
    await pair.hear();
    await pauseSession(pair.callee.ctx(), id());
    pair.callee.aheadMs = 10 * 60_000;
    expect(await getSession(pair.callee.ctx(), id())).toMatchObject({ isHeard: false, isLinkDown: true });
    await expect(resumeSession(pair.callee.ctx(), id())).rejects.toMatchObject({ options: { detail: "link-down" } });
    await pair.settle(2);
    expect(await states()).toEqual(["paused", "paused"]);
    expect(await getSession(pair.callee.ctx(), id())).toMatchObject({ isHeard: true, isLinkDown: false });
  });

  it("a planned failover is refused once the caller knows, and one that began goes back to waiting with nothing changed", async () => {
    await pair.cutLink();
    await failOverSession(pair.caller.ctx(), { ...id(), reverse: true });
    await pair.work();
    expect(await pair.session("caller")).toMatchObject({ state: "system_paused", role: "source", epoch: 0, steps: [] });
    expect((await pair.agent("caller")).leadPairingId).toBeNull();
    await pair.capture("caller", noise("goes on", KiB));
    await expect(failOverSession(pair.caller.ctx(), id())).rejects.toMatchObject({ options: { detail: "link-down" } });
    await pair.restoreLink();
    await pair.settle();
    expect(await states()).toEqual(["ok", "ok"]);
    expect(await pair.points("callee")).toEqual(await pair.points("caller"));
  });
});

it("the newer order counts when both sides gave one before they spoke", async () => {
  await pauseSession(pair.callee.ctx(), id());
  await resumeSession(pair.callee.ctx(), id());
  await pauseSession(pair.caller.ctx(), id());
  await pair.settle();
  expect(await states()).toEqual(["ok", "ok"]);
});

it("orders of a wrong side, a wrong state or an unknown session are told apart, and change nothing", async () => {
  const before = await pair.session("caller");
  const unknown = { id: "00000000-0000-4000-8000-000000000000" };
  await expect(failOverSession(pair.callee.ctx(), id())).rejects.toMatchObject({ options: { detail: "wrong-side" } });
  await expect(failOverSession(pair.caller.ctx(), { ...id(), kind: "unplanned" })).rejects.toMatchObject({
    options: { detail: "wrong-side" },
  });
  await expect(reprotectSession(pair.caller.ctx(), id())).rejects.toMatchObject({ options: { detail: "wrong-state" } });
  await expect(pauseSession(pair.caller.ctx(), unknown)).rejects.toMatchObject({ code: "not_found" });
  const recoveryPointId = unknown.id;
  await expect(
    failOverSession(pair.callee.ctx(), { ...id(), kind: "unplanned", recoveryPointId }),
  ).rejects.toMatchObject({ code: "not_found" });
  await expect(failOverSession(pair.caller.ctx(), { ...id(), useTestCopy: true })).rejects.toMatchObject({
    code: "invalid_input",
  });
  expect(await pair.session("caller")).toEqual(before);
});
