import { writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { deleteAgent, runAgentDeletion, updateAgent } from "@/lib/engine/agents";
import { writeDocuments } from "@/lib/engine/documents";
import { removePacks } from "@/lib/engine/packs/adopt";
import { approvePairing, listPairings, sendPairingRequest } from "@/lib/engine/pairing";
import { sweepRemovedPoints } from "@/lib/engine/recovery-points";
import { commitInto } from "@/lib/engine/recovery-points/commit";
import { requestTo } from "../../support/pair";
import { PeerCore, withAgents } from "../../support/peer-core";
import { errorCode, faulty, noise, Store } from "../records/store";
import { filesIn, SyncCore, temporaryFolder } from "./sync-core";

describe("records that leave the index", () => {
  it("between a commit's look at them and its rows keep the point from being listed", async () => {
    const store = await Store.start();
    const domain = await store.domain();
    const input = await store.prepared(domain, [noise("a", 5_000), noise("b", 5_000)]);
    const numbers = (await store.ctx.db.prisma.pack.findMany({ where: { domainId: domain.id } })).map(
      (one) => one.number,
    );
    // The document is written after the look and before the rows.
    const losing = faulty(domain.storage, async (call) => {
      if (call === "putted") expect(await removePacks(store.ctx, domain.id, numbers)).toBe(2);
    });
    expect(await errorCode(commitInto(store.ctx, { ...domain, storage: losing }, input))).toBe("integrity");
    expect(await store.ctx.db.prisma.recoveryPoint.count({ where: { id: input.id } })).toBe(0);
    expect(await errorCode(commitInto(store.ctx, domain, input))).toBe("integrity");
  });
});

async function filled() {
  const core = await SyncCore.start();
  const folder = temporaryFolder();
  const repositoryId = await core.repository("main", path.join(folder, "repository"));
  const disk = path.join(folder, "disk.img");
  writeFileSync(disk, noise("disk", 100_000));
  const agent = await core.agent("machine", repositoryId, [{ kind: "image", name: "disk", path: disk }]);
  const point = await core.capture(agent.id);
  await core.writeDocuments();
  return { core, folder: path.join(folder, "repository"), repositoryId, agent, point };
}

describe("what is being deleted", () => {
  it("is not listed again while its files are still to go", async () => {
    const { core, folder, repositoryId, agent, point } = await filled();
    const { tenantId } = await core.db.prisma.agent.findUniqueOrThrow({ where: { id: agent.id } });
    // As after a crash between the rows and the files of a deletion.
    const left = {
      id: point.id,
      agentId: agent.id,
      repositoryId,
      tenantId,
      imageIds: point.images.map(({ id }) => id),
    };
    await core.db.prisma.removedPoint.create({ data: { ...left, removedAt: new Date(0) } });
    await core.db.prisma.recoveryPoint.delete({ where: { id: point.id } });
    expect(await core.synced(repositoryId)).toMatchObject({ pointsAdopted: 0, problemCount: 0 });
    await sweepRemovedPoints(core.ctx);
    expect(filesIn(folder, /\/points\/.*\.json$|\.manifest$/)).toEqual([]);
    expect(await core.synced(repositoryId)).toMatchObject({ pointsAdopted: 0, problemCount: 0 });
  });

  it("is not listed again with its agent, nor is the agent", async () => {
    const { core, folder, repositoryId, agent, point } = await filled();
    await deleteAgent(core.ctx, { id: agent.id });
    // The rows of the point are gone, its files and the agent are not.
    await core.db.prisma.recoveryPoint.delete({ where: { id: point.id } });
    expect(await core.synced(repositoryId)).toMatchObject({ pointsAdopted: 0, problemCount: 0 });
    await runAgentDeletion(core.ctx, { agentId: agent.id, signal: new AbortController().signal });
    expect(filesIn(folder, /\.json$/).filter((file) => !file.endsWith("twincore-repository.json"))).toEqual([]);
    expect(await core.synced(repositoryId)).toMatchObject({ pointsAdopted: 0, problemCount: 0 });
    expect(await core.db.prisma.agent.count()).toBe(0);
  });

  it("is not written about any more by a change that came before", async () => {
    const { core, folder, agent, point } = await filled();
    await updateAgent(core.ctx, { id: agent.id, labels: ["late"] });
    await core.db.prisma.recoveryPoint.update({ where: { id: point.id }, data: { label: "late" } });
    expect(await core.db.prisma.staleDocument.count()).toBe(2);
    await deleteAgent(core.ctx, { id: agent.id });
    await runAgentDeletion(core.ctx, { agentId: agent.id, signal: new AbortController().signal });
    await core.writeDocuments();
    expect(await core.db.prisma.staleDocument.count()).toBe(0);
    expect(filesIn(folder, /\/(points|agents)\/.*\.json$/)).toEqual([]);
  });
});

describe("a document whose row changes while it is written", () => {
  it("is written again, and says the last word", async () => {
    const { core, folder, repositoryId, point } = await filled();
    const say = (label: string) => core.db.prisma.recoveryPoint.update({ where: { id: point.id }, data: { label } });
    await say("first");
    await Promise.all([writeDocuments(core.ctx, [point.id]), say("second"), writeDocuments(core.ctx, [point.id])]);
    await core.writeDocuments();
    expect(await core.db.prisma.staleDocument.count()).toBe(0);
    const other = await SyncCore.start();
    await other.repository("again", folder, true);
    await other.synced(repositoryId);
    expect(await other.db.prisma.recoveryPoint.findUniqueOrThrow({ where: { id: point.id } })).toMatchObject({
      label: "second",
    });
  });
});

describe("an agent that a sync found", () => {
  it("is taken in again by its source's pairing; one of this core's own is not", async () => {
    const [source, target] = [await PeerCore.start("source"), await PeerCore.start("target")];
    const { agentIds } = await withAgents(source, ["db"]);
    const { repositoryId } = await withAgents(target, []);
    const [agentId = ""] = agentIds;
    const tenant = await target.db.prisma.tenant.create({ data: { name: "customer" } });
    const row = { id: agentId, name: "db", hostName: "db.example", tenantId: tenant.id, repositoryId };
    await target.db.prisma.agent.create({ data: row });
    await sendPairingRequest(source.ctx(), requestTo(target.url, agentIds));
    const { items } = await listPairings(target.ctx(), { state: "pending", side: "target", limit: 1 });
    const answer = {
      id: items[0]?.id ?? "",
      agents: [{ agentId, repositoryId, quotaBytes: null }],
      rateCapBytesPerSecond: null,
      tenantId: tenant.id,
    };
    expect(await errorCode(approvePairing(target.ctx(), answer))).toBe("conflict");
    await target.db.prisma.agent.update({ where: { id: agentId }, data: { adoptedAt: new Date() } });
    await approvePairing(target.ctx(), answer);
    const taken = await target.db.prisma.agent.findUniqueOrThrow({ where: { id: agentId } });
    expect(taken).toMatchObject({ pairingId: answer.id, leadPairingId: answer.id, adoptedAt: null });
  });
});
