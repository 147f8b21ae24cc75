import { beforeEach, describe, expect, it } from "vitest";
import { denyPairing, listPairings, sendPairingRequest } from "@/lib/engine/pairing";
import { hearTargets } from "@/lib/engine/sessions";
import { ListSystemsInput, listSystems, refreshDestinations, SystemPage } from "@/lib/engine/systems";
import { connectTarget } from "@/lib/jobs/connect-target";
import { requestTo } from "../../support/pair";
import { type PeerCore, withAgents } from "../../support/peer-core";
import { TwoVaults } from "../vault-replications/two-vaults";

const { source, target, ids } = await TwoVaults.start();
const list = async (core: PeerCore, input: object = {}) =>
  SystemPage.parse(await listSystems(core.ctx(), ListSystemsInput.parse(input)));
const other = async (core: PeerCore, input: object = {}) => {
  const { items } = await list(core, input);
  const found = items.find(({ role }) => role !== "self");
  if (!found) throw new Error("the other core is not listed");
  return found;
};
const minutes = (count: number) => count * 60_000;

beforeEach(() => {
  source.aheadMs = 0;
  target.aheadMs = 0;
});

describe("the systems of a core", () => {
  it("are itself and the other core, each in its role", async () => {
    expect((await list(source)).items).toMatchObject([
      { role: "self", name: "source", isOnline: true, pairingId: null },
      { role: "target", name: "target", state: "established", pairingId: ids.pairingId, agents: 1 },
    ]);
    expect((await list(target)).items).toMatchObject([
      { role: "self", name: "target", agents: 0 },
      { role: "source", name: "source", agents: 1, tenant: { name: expect.any(String) } },
    ]);
  });

  it("say what the other core said of its storage, once it was asked", async () => {
    expect((await other(source)).storage).toBeNull();
    await refreshDestinations(source.ctx());
    const { storage } = await other(source);
    expect(storage).toMatchObject({ repositories: 1 });
    expect(storage?.freeBytes).toBeGreaterThan(0);
    const reports = await source.db.prisma.repositoryReport.count();
    await refreshDestinations(source.ctx());
    expect(await source.db.prisma.repositoryReport.count()).toBe(reports);
  });

  it("are offline on both sides when nothing was heard for three minutes, and online with the next word", async () => {
    for (const core of [source, target]) core.aheadMs = minutes(4);
    expect((await other(source)).isOnline).toBe(false);
    expect((await other(target)).isOnline).toBe(false);
    await hearTargets(source.ctx(), connectTarget(source.ctx()));
    expect((await other(source)).isOnline).toBe(true);
    expect((await other(target)).isOnline).toBe(true);
  });

  it("are not made online by a core that cannot be reached", async () => {
    source.aheadMs = minutes(10);
    await target.stopListening();
    try {
      await hearTargets(source.ctx(), connectTarget(source.ctx()));
      expect((await other(source)).isOnline).toBe(false);
    } finally {
      await target.listen();
    }
  });

  it("are suspended when every session is paused, and say by whom", async () => {
    await source.db.prisma.replicationSession.updateMany({ data: { state: "paused", pausedBy: "target" } });
    expect(await other(source)).toMatchObject({ suspendedBy: "target", sessions: { total: 1, paused: 1 } });
    await source.db.prisma.replicationSession.updateMany({ data: { state: "ok", pausedBy: null } });
    expect(await other(source)).toMatchObject({ suspendedBy: null });
  });
});

describe("requests", () => {
  it("that wait are among the systems, refused ones on request only, and pages of one lose none", async () => {
    const { agentIds } = await withAgents(source, ["more"]);
    for (const _ of [1, 2]) await sendPairingRequest(source.ctx(), requestTo(target.url, agentIds));
    const { items } = await listPairings(target.ctx(), { state: "pending", side: "target", limit: 2 });
    await denyPairing(target.ctx(), { id: items[0]?.id ?? "", message: "No." });
    const wordsOf = async (input: object) =>
      (await list(target, input)).items.map(({ state }) => state ?? "self").sort();
    expect(await wordsOf({})).toEqual(["established", "pending", "self"]);
    expect(await wordsOf({ includePending: "false" })).toEqual(["established", "self"]);
    expect(await wordsOf({ includeRejected: "true" })).toEqual(["denied", "established", "pending", "self"]);
    expect(await wordsOf({ role: "target" })).toEqual([]);
    const seen: string[] = [];
    let cursor: string | null | undefined;
    do {
      const page = await list(target, { limit: 1, cursor: cursor ?? undefined, includeRejected: true });
      expect(page.total).toBe(4);
      seen.push(...page.items.map(({ id }) => id));
      cursor = page.nextCursor;
    } while (cursor);
    expect(new Set(seen).size).toBe(4);
  });

  it("have nobody online", async () => {
    const waiting = (await list(target)).items.find(({ state }) => state === "pending");
    expect(waiting).toMatchObject({ isOnline: null, role: "source", storage: null });
  });

  it("a foreign cursor is refused", async () => {
    await expect(list(source, { cursor: "eA" })).rejects.toMatchObject({ code: "invalid_input" });
  });
});
