import { beforeEach, describe, expect, it } from "vitest";
import { captureStream } from "@/lib/engine/capture";
import {
  failOverSession,
  getSession,
  startFailoverTest,
  stopFailoverTest,
  sweepFailoverTests,
} from "@/lib/engine/sessions";
import { SessionPair } from "../../support/session-pair";
import { noise, readBytes } from "../replication/records";

const KiB = 1024;
let pair: SessionPair;
let first: string;
let second: string;
const one = noise("one", 100 * KiB);
const id = () => ({ id: pair.sessionId });
const unplanned = () => ({ ...id(), kind: "unplanned" as const });
const callee = () => pair.callee.ctx();

beforeEach(async () => {
  pair = await SessionPair.start();
  first = await pair.capture("caller", one);
  second = await pair.capture("caller", noise("two", 100 * KiB));
  await pair.replicate();
});

/** Bytes as a client sends them to the copy of a test. */
async function writeToCopy(bytes: Buffer): Promise<string> {
  const { test } = await getSession(callee(), id());
  async function* body() {
    yield bytes;
  }
  const input = { agentId: test?.agentId ?? "", volumeName: "disk", signal: new AbortController().signal };
  return (await captureStream(callee(), input, body())).recoveryPointId ?? "";
}

describe("a failover test", () => {
  it("shows a chosen point, takes writes and lets replication go on; stopped, its copy goes", async () => {
    const begun = await startFailoverTest(callee(), { ...id(), recoveryPointId: first });
    const copyId = begun.test?.agentId ?? "";
    expect(begun).toMatchObject({ state: "ok", role: "destination", test: { recoveryPointId: first } });
    const [shown] = await pair.points("callee", copyId);
    expect((await readBytes(callee(), shown ?? "")).get("disk")?.equals(one)).toBe(true);
    await writeToCopy(noise("tested", KiB));
    const third = await pair.capture("caller", noise("three", KiB));
    await pair.settle();
    expect((await pair.points("callee")).at(-1)).toBe(third);
    expect((await getSession(pair.caller.ctx(), id())).test).toMatchObject({ agentId: null, recoveryPointId: first });
    expect(await stopFailoverTest(callee(), id())).toEqual({ recoveryPointId: null });
    await pair.settle();
    expect((await getSession(pair.caller.ctx(), id())).test).toBeNull();
    expect(await pair.callee.db.prisma.agent.count({ where: { id: copyId } })).toBe(0);
    expect(await pair.points("callee")).toEqual([first, second, third]);
  });

  it("stopped with a point kept leaves what was written in a copy that is set aside", async () => {
    await startFailoverTest(callee(), id());
    const written = await writeToCopy(noise("tested", KiB));
    expect(await stopFailoverTest(callee(), { ...id(), keepRecoveryPoint: true })).toEqual({
      recoveryPointId: written,
    });
    const kept = await pair.callee.db.prisma.recoveryPoint.findUniqueOrThrow({
      where: { id: written },
      include: { agent: true },
    });
    expect(kept.agent).toMatchObject({ kind: "set_aside", parentId: pair.agentId });
  });

  it("is taken back by itself after its minutes, and not before", async () => {
    await startFailoverTest(callee(), { ...id(), minutes: 5 });
    pair.callee.aheadMs = 4 * 60_000;
    await sweepFailoverTests(callee());
    expect((await pair.session("callee")).testAgentId).not.toBeNull();
    pair.callee.aheadMs = 6 * 60_000;
    await sweepFailoverTests(callee());
    expect(await pair.session("callee")).toMatchObject({ testAgentId: null, testStartedAt: null });
  });

  it("is one at a time, on the destination, and holds failovers up on both sides", async () => {
    await expect(startFailoverTest(pair.caller.ctx(), id())).rejects.toMatchObject({
      options: { detail: "wrong-side" },
    });
    const both = await Promise.allSettled([startFailoverTest(callee(), id()), startFailoverTest(callee(), id())]);
    expect(both.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    await expect(failOverSession(callee(), unplanned())).rejects.toMatchObject({ options: { detail: "test-running" } });
    await pair.settle();
    await expect(failOverSession(pair.caller.ctx(), id())).rejects.toMatchObject({
      options: { detail: "test-running" },
    });
    await expect(stopFailoverTest(pair.caller.ctx(), id())).rejects.toMatchObject({
      options: { detail: "wrong-side" },
    });
  });

  it("gives its copy to an unplanned failover, which goes on from what the test wrote", async () => {
    await startFailoverTest(callee(), id());
    const tested = noise("tested", 50 * KiB);
    await writeToCopy(tested);
    await failOverSession(callee(), { ...unplanned(), useTestCopy: true });
    await pair.work();
    expect(await pair.session("callee")).toMatchObject({
      state: "failed_over",
      role: "source",
      testAgentId: null,
      commonPointId: second,
    });
    const newest = (await pair.points("callee")).at(-1) ?? "";
    expect((await readBytes(callee(), newest)).get("disk")?.equals(tested)).toBe(true);
    expect(await pair.callee.db.prisma.agent.count({ where: { kind: "test_copy", deletionAskedAt: null } })).toBe(0);
  });
});

describe("an unplanned failover to an older point", () => {
  it("goes on from a copy of it, loses none that came, and again with force from another one", async () => {
    await failOverSession(callee(), { ...unplanned(), recoveryPointId: first });
    await pair.work();
    const points = await pair.points("callee");
    expect(points.slice(0, 2)).toEqual([first, second]);
    expect((await readBytes(callee(), points.at(-1) ?? "")).get("disk")?.equals(one)).toBe(true);
    expect(await pair.session("callee")).toMatchObject({ epoch: 1, commonPointId: second });
    await expect(failOverSession(callee(), unplanned())).rejects.toMatchObject({ options: { detail: "wrong-side" } });
    await failOverSession(callee(), { ...unplanned(), force: true, recoveryPointId: second });
    await pair.work();
    expect(await pair.session("callee")).toMatchObject({ state: "failed_over", role: "source", epoch: 1 });
    await pair.settle();
    expect(await pair.session("caller")).toMatchObject({ role: "destination", epoch: 1, divergence: null });
  });

  it("repeated while it is being done, and its job run twice, makes one copy", async () => {
    const order = { ...unplanned(), recoveryPointId: first };
    await failOverSession(callee(), order);
    await failOverSession(callee(), order);
    await pair.work();
    expect(await pair.points("callee")).toHaveLength(3);
  });
});
