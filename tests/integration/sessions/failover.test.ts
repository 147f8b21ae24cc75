import { beforeEach, describe, expect, it } from "vitest";
import { failOverSession, getSession } from "@/lib/engine/sessions";
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
