import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { runSync, startSync } from "@/lib/engine/sync-sessions";
import { noise } from "../replication/records";
import { TwoCores } from "../replication/two-cores";
import { filesIn, SyncCore } from "./sync-core";

const never = new AbortController().signal;

async function syncTarget(cores: TwoCores) {
  const ctx = cores.target.ctx;
  const { id } = await startSync(ctx, { repositoryId: cores.target.repositoryId });
  await runSync(ctx, { syncSessionId: id, signal: never });
  return cores.target.db.prisma.syncSession.findUniqueOrThrow({ where: { id } });
}

const pathOf = async (cores: TwoCores) =>
  (await cores.target.db.prisma.repository.findUniqueOrThrow({ where: { id: cores.target.repositoryId } })).path;

describe("a target whose database is lost", () => {
  it("has the replicated points again from its folder, byte for byte, as its own to restore", async () => {
    const cores = await TwoCores.start();
    const states = [noise("a", 300_000), Buffer.concat([noise("a", 200_000), noise("b", 150_000)])];
    const ids: string[] = [];
    for (const disk of states) ids.push(await cores.capture({ disk }));
    await cores.run();
    const folder = await pathOf(cores);
    await cores.target.db.prisma.$executeRawUnsafe("drop schema public cascade");

    const core = await SyncCore.start();
    const repositoryId = await core.repository("again", folder, true);
    expect(await core.synced(repositoryId)).toMatchObject({ pointsAdopted: 2, problemCount: 0 });
    for (const [at, disk] of states.entries())
      expect((await core.bytesOf(ids[at] ?? "", "disk")).equals(disk)).toBe(true);
    const agent = await core.db.prisma.agent.findUniqueOrThrow({ where: { id: cores.ids.agentId } });
    expect(agent).toMatchObject({ name: "machine", pairingId: null, leadPairingId: null });
    expect(agent.adoptedAt).not.toBeNull();
  });
});

describe("a target whose storage lost something", () => {
  const disk = Buffer.concat([noise("kept", 200_000), noise("lost", 200_000)]);

  it.each<[string, (folder: string) => void]>([
    ["packs", (folder) => filesIn(folder, /\.pack$/).map((file) => rmSync(file))],
    ["a manifest", (folder) => filesIn(folder, /\.manifest$/).map((file) => rmSync(file))],
    [
      "part of a manifest",
      (folder) => {
        for (const file of filesIn(folder, /\.manifest$/)) {
          const bytes = readFileSync(file);
          bytes[20] = (bytes[20] ?? 0) ^ 1;
          writeFileSync(file, bytes);
        }
      },
    ],
  ])("gets %s again with the next run, and has the point whole", async (_, lose) => {
    const cores = await TwoCores.start();
    const id = await cores.capture({ disk });
    await cores.run();
    await cores.expectOnTarget(id, { disk });
    lose(await pathOf(cores));
    // A damaged block of a manifest shows when its keys are read: after a loss, or when records are verified.
    const ctx = cores.target.ctx;
    const started = await startSync(ctx, { repositoryId: cores.target.repositoryId, verifyRecords: true });
    await runSync(ctx, { syncSessionId: started.id, signal: never });
    const lost = await cores.target.db.prisma.recoveryPoint.findUniqueOrThrow({ where: { id } });
    expect(lost.lostAt).not.toBeNull();
    await cores.run();
    const healed = await cores.target.db.prisma.recoveryPoint.findUniqueOrThrow({ where: { id } });
    expect(healed).toMatchObject({ lostAt: null, lostReason: null, sequence: lost.sequence });
    await cores.expectOnTarget(id, { disk });
    expect(await syncTarget(cores)).toMatchObject({ state: "succeeded", pointsLost: 0, recordsLost: 0 });
  });

  it("takes a change of a lost image as a whole, and lists nothing that is not complete", async () => {
    const cores = await TwoCores.start();
    cores.preference = "direct";
    await cores.capture({ disk });
    await cores.run();
    filesIn(await pathOf(cores), /\.pack$/).map((file) => rmSync(file));
    await syncTarget(cores);
    const changed = Buffer.concat([noise("kept", 200_000), noise("new", 200_000)]);
    const next = await cores.capture({ disk: changed });
    await cores.run();
    await cores.expectOnTarget(next, { disk: changed });
    const points = await cores.target.db.prisma.recoveryPoint.findMany({ select: { lostAt: true } });
    expect(points).toEqual([{ lostAt: null }, { lostAt: null }]);
  });

  it("sends nothing of a point that the source itself lost, and keeps the target's", async () => {
    const cores = await TwoCores.start();
    const first = await cores.capture({ disk });
    await cores.run();
    const second = await cores.capture({ disk: noise("second", 100_000) });
    await cores.source.db.prisma.recoveryPoint.updateMany({ where: { id: second }, data: { lostAt: new Date() } });
    await cores.run();
    expect(await cores.targetPoints()).toEqual([first]);
    await cores.source.db.prisma.recoveryPoint.updateMany({ where: { id: first }, data: { lostAt: new Date() } });
    await cores.run();
    expect(await cores.targetPoints()).toEqual([first]);
    expect((await cores.newestRun()).state).toBe("succeeded");
  });
});
