import { beforeAll, describe, expect, it } from "vitest";
import { getPeerStanding } from "@/lib/engine/pairing";
import { resumePairing, suspendPairing, suspendPeers } from "@/lib/engine/sessions";
import { type Pair, pairCores } from "../../support/pair";
import { PeerCore } from "../../support/peer-core";

let source: PeerCore;
let target: PeerCore;
let other: PeerCore;
let pair: Pair;
let otherPair: Pair;
beforeAll(async () => {
  source = await PeerCore.start("Harbour");
  target = await PeerCore.start("Vault");
  other = await PeerCore.start("Attic");
  pair = await pairCores(source, target, ["one", "two", "three", "four"]);
  otherPair = await pairCores(source, other);
  const [first] = await source.db.prisma.replicationSession.findMany({ where: { pairingId: pair.sourceId } });
  await source.db.prisma.replicationSession.update({ where: { id: first?.id }, data: { state: "system_paused" } });
});

const states = async (pairingId = pair.sourceId) =>
  (await source.db.prisma.replicationSession.findMany({ where: { pairingId }, orderBy: { createdAt: "asc" } })).map(
    ({ state, pausedBy }) => `${state}${pausedBy ? ` by ${pausedBy}` : ""}`,
  );

describe("a pairing as a whole", () => {
  it("is suspended with all its sessions, those of others stay, and again changes nothing", async () => {
    expect(await suspendPairing(source.ctx(), { id: pair.sourceId })).toEqual({ sessions: 4 });
    expect(new Set(await states())).toEqual(new Set(["paused by source"]));
    expect(await states(otherPair.sourceId)).toEqual(["initializing"]);
    expect(await suspendPairing(source.ctx(), { id: pair.sourceId })).toEqual({ sessions: 0 });
    expect(await getPeerStanding(source.ctx(), { id: pair.sourceId })).toMatchObject({ sessions: 4, pausedHere: 4 });
    const audit = await source.db.prisma.auditEntry.findFirst({ where: { action: "pairing.suspend" } });
    expect(audit).toMatchObject({ subject: pair.sourceId, detail: { sessions: 4 } });
  });

  it("is suspended on the other core too as soon as that hears of it, and goes on there as well", async () => {
    await source.runJobs("tell-session");
    const there = () => target.db.prisma.replicationSession.findMany({ where: { pairingId: pair.targetId } });
    for (const session of await there()) expect(session).toMatchObject({ state: "paused", pausedBy: "source" });
    expect(await resumePairing(source.ctx(), { id: pair.sourceId })).toEqual({ sessions: 4 });
    expect(new Set(await states())).toEqual(new Set(["resuming"]));
    await source.runJobs("tell-session");
    expect((await there()).map(({ state }) => state)).not.toContain("paused");
    const due = await source.db.prisma.replicationSession.count({
      where: { pairingId: pair.sourceId, nextRunAt: { not: null } },
    });
    expect(due).toBe(4);
  });

  it("does not go on while the other core does not answer, and nothing is changed", async () => {
    await suspendPairing(source.ctx(), { id: pair.sourceId });
    const where = { pairingId: pair.sourceId };
    await source.db.prisma.replicationSession.updateMany({ where, data: { unheardSince: new Date() } });
    await expect(resumePairing(source.ctx(), { id: pair.sourceId })).rejects.toMatchObject({
      code: "conflict",
      options: { detail: "link-down" },
    });
    expect(new Set(await states())).toEqual(new Set(["paused by source"]));
    await source.db.prisma.replicationSession.updateMany({ where, data: { unheardSince: null } });
  });

  it("ends up wholly suspended or wholly not, however many say both at once", async () => {
    const say = [suspendPairing, resumePairing, suspendPairing, resumePairing, suspendPairing];
    await Promise.all(say.map((order) => order(source.ctx(), { id: pair.sourceId })));
    expect(new Set(await states()).size).toBe(1);
  });

  it("is not known under another side, name or number, and then nothing at all is changed", async () => {
    await resumePairing(source.ctx(), { id: pair.sourceId });
    const before = await states();
    const unknown = "0192f3a0-0000-7000-8000-000000000000";
    for (const input of [
      { side: "target" as const, pairingIds: [pair.sourceId] },
      { side: "source" as const, host: "nobody" },
      { side: "source" as const, numbers: [999_999] },
      { pairingIds: [pair.sourceId, unknown] },
      {},
    ])
      await expect(suspendPeers(source.ctx(), input)).rejects.toMatchObject({ code: "not_found" });
    await source.db.prisma.pairing.update({ where: { id: pair.sourceId }, data: { state: "deleted" } });
    await expect(suspendPairing(source.ctx(), { id: pair.sourceId })).rejects.toMatchObject({ code: "not_found" });
    expect(await states()).toEqual(before);
  });
});
