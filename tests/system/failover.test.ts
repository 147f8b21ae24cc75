import { createHash, randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { adminContract } from "@/lib/admin/contract";
import type { SessionDetail } from "@/lib/engine/sessions/schemas";
import type { CoreUnderTest } from "@/tests/support/core-under-test";
import { writeDisk } from "@/tests/support/disk";
import { ReplicatingPair } from "@/tests/support/replicating-pair";
import { until } from "@/tests/support/until";

const DISK_PIECES = 24;
const LONG_MS = 180_000;
let pair: ReplicatingPair;

beforeAll(async () => {
  pair = await ReplicatingPair.start();
}, LONG_MS);

afterAll(() => pair?.stop());

async function session(core: CoreUnderTest): Promise<SessionDetail> {
  const { items } = await core.call(adminContract.listSessions, { agentId: pair.agent.id });
  return core.call(adminContract.getSession, { id: items[0]?.id ?? "" });
}

const when = (what: string, core: CoreUnderTest, is: (now: SessionDetail) => boolean) =>
  until(
    what,
    async () => {
      const now = await session(core);
      return is(now) && now;
    },
    LONG_MS,
  );

const pointsOf = async (core: CoreUnderTest, agentId: string) =>
  (await core.call(adminContract.listRecoveryPoints, { agentId, limit: 50 })).items.map(({ id }) => id);

/** The SHA-256 of the only image of a point, as this core gives it out. */
async function imageOf(core: CoreUnderTest, pointId: string): Promise<string> {
  const { images } = await core.call(adminContract.getRecoveryPoint, { id: pointId });
  expect(images).toHaveLength(1);
  return (await core.digestOfImage(pointId, images[0]?.id ?? "")).sha256;
}

describe("an unplanned failover after the source was killed", () => {
  let first = { id: "", sha256: "" };
  let lost = { id: "", sha256: "" };
  const note = randomBytes(700_000);

  it("makes the target current with what had arrived, and captures go on there", { timeout: LONG_MS }, async () => {
    const { source, target, proxy, agent } = pair;
    first.sha256 = await writeDisk(pair.disk, DISK_PIECES, 1);
    const point = await pair.capture();
    first = { ...first, id: (await pair.arrived(point)).id };
    await pair.settled();
    proxy.cut();
    lost.sha256 = await writeDisk(pair.disk, DISK_PIECES, 2);
    lost = { ...lost, id: (await pair.capture()).id };
    await source.killAll();

    const { id } = await session(target);
    await target.call(adminContract.failOverSession, { id, kind: "unplanned" });
    await when("the target to be current", target, ({ state, role }) => state === "failed_over" && role === "source");
    expect(await imageOf(target, first.id)).toBe(first.sha256);
    await target.put(
      `/api/v1/agents/${agent.id}/captures?volume=note`,
      (async function* () {
        yield note;
      })(),
    );
    expect(await pointsOf(target, agent.id)).toHaveLength(2);
  });

  it("is heard by the source when it is back: both say that both were written, and nothing is copied", {
    timeout: LONG_MS,
  }, async () => {
    const { source, target, proxy } = pair;
    await source.startAgain();
    proxy.resume();
    for (const core of [source, target]) {
      const { divergence, role } = await when(`${core.name} to see both sides`, core, (now) => now.divergence !== null);
      expect([core.name, role]).toEqual([core.name, core === source ? "destination" : "source"]);
      expect(divergence?.commonPointId).toBe(first.id);
    }
    await expect(source.call(adminContract.startCapture, { agentId: pair.agent.id })).rejects.toThrow(/409/);
  });

  it("ends as people choose: the losing side's point is set aside whole, and data flow back", {
    timeout: LONG_MS,
  }, async () => {
    const { source, target, agent } = pair;
    const { id } = await session(target);
    await target.call(adminContract.resolveDivergence, { id, keep: "here" });
    await when("the source to know the choice", source, ({ divergence }) => divergence === null);
    await when("the target to be done with it", target, ({ divergence }) => divergence === null);
    await target.call(adminContract.reprotectSession, { id });
    const both = await until(
      "the same points on both cores",
      async () => {
        const [here, there] = [await pointsOf(source, agent.id), await pointsOf(target, agent.id)];
        return here.length === there.length && here.every((point) => there.includes(point)) && here;
      },
      LONG_MS,
    );
    const newest = both[0] ?? "";
    expect([await imageOf(source, first.id), await imageOf(source, newest)]).toEqual([
      first.sha256,
      createHash("sha256").update(note).digest("hex"),
    ]);
    const { items } = await source.call(adminContract.listAgents, {});
    const aside = items.find(({ kind }) => kind === "set_aside");
    expect(await pointsOf(source, aside?.id ?? "")).toEqual([lost.id]);
    expect(await imageOf(source, lost.id)).toBe(lost.sha256);
  });

  it("fails back, and the source captures again", { timeout: LONG_MS }, async () => {
    const { source, target } = pair;
    await when("the way back to be protected", target, ({ state }) => state === "ok");
    const { id } = await session(source);
    await source.call(adminContract.failBackSession, { id });
    await when("the source to be current", source, (now) => now.role === "source" && now.state === "ok");
    const sha = await writeDisk(pair.disk, DISK_PIECES, 3);
    const point = await pair.arrived(await pair.capture());
    expect(await imageOf(target, point.id)).toBe(sha);
  });
});
