import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { deletePairing } from "@/lib/engine/pairing";
import { runReplication } from "@/lib/engine/replication";
import { createRepository } from "@/lib/engine/repositories";
import { connectTarget } from "@/lib/jobs/connect-target";
import { until } from "@/tests/support/until";
import { pairCores } from "../../support/pair";
import { PeerCore } from "../../support/peer-core";
import { captureBytes, noise, readBytes } from "./records";

const MiB = 1024 * 1024;
const folder = mkdtempSync(path.join(tmpdir(), "twincore-over-tls-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let source: PeerCore;
let target: PeerCore;
let agentId: string;
let volumeId: string;
let ids: { sourceId: string; targetId: string };

/** Two cores that became a pair as people make them one, with real repositories. */
beforeAll(async () => {
  source = await PeerCore.start("Harbour");
  target = await PeerCore.start("Vault");
  ids = await pairCores(source, target);
  for (const core of [source, target]) {
    const repository = await createRepository(core.ctx(), {
      name: `real ${core.name}`,
      path: path.join(folder, core.name),
    });
    await core.db.prisma.agent.updateMany({ data: { repositoryId: repository.id } });
  }
  const session = await source.db.prisma.replicationSession.findFirstOrThrow({ where: { pairingId: ids.sourceId } });
  agentId = session.agentId;
  volumeId = (await source.db.prisma.volume.create({ data: { agentId, name: "disk", kind: "image", path: "/x" } })).id;
});

const session = () => source.db.prisma.replicationSession.findFirstOrThrow({ where: { pairingId: ids.sourceId } });
const newestRun = () => source.db.prisma.run.findFirstOrThrow({ orderBy: { createdAt: "desc" } });

async function run(): Promise<void> {
  const ctx = source.ctx({ kind: "job", name: "run-replication" });
  const { signal } = new AbortController();
  await runReplication(ctx, {
    sessionId: (await session()).id,
    owner: randomUUID(),
    signal,
    connect: connectTarget(ctx),
  });
}

describe("a replication over mutual TLS", () => {
  it("brings every byte over, and its bytes on the wire are those of the records and little more", async () => {
    const disk = noise("disk", 20 * MiB);
    const pointId = await captureBytes(source.ctx(), agentId, [{ volumeId, name: "disk", bytes: disk }]);
    await run();
    expect(await session()).toMatchObject({ state: "ok", newestPointId: pointId, failureMessage: null });
    expect((await readBytes(target.ctx(), pointId)).get("disk")?.equals(disk)).toBe(true);
    const { wireBytes } = await newestRun();
    expect(Number(wireBytes)).toBeGreaterThan(disk.length);
    expect(Number(wireBytes)).toBeLessThan(disk.length * 1.05);
  });

  it("costs next to nothing when there is nothing to do", async () => {
    const runs = await source.db.prisma.run.count();
    await run();
    expect(await source.db.prisma.run.count()).toBe(runs);
  });

  it("goes on where it was after its connections were cut in the middle", async () => {
    const disk = noise("another", 60 * MiB);
    const pointId = await captureBytes(source.ctx(), agentId, [{ volumeId, name: "disk", bytes: disk }]);
    const before = await target.db.prisma.record.count();
    const first = run();
    await until("a part has arrived", async () => (await target.db.prisma.record.count()) > before + 300);
    await target.stopListening();
    await first;
    const cut = await newestRun();
    expect(cut).toMatchObject({ state: "paused" });
    expect(await session()).toMatchObject({ state: "system_paused", failureCode: "unavailable" });
    await target.listen();
    await run();
    expect(await newestRun()).toMatchObject({ id: cut.id, state: "succeeded" });
    expect((await readBytes(target.ctx(), pointId)).get("disk")?.equals(disk)).toBe(true);
  });

  it("ends when the target ends the pairing in the middle", async () => {
    await captureBytes(source.ctx(), agentId, [{ volumeId, name: "disk", bytes: noise("third", 60 * MiB) }]);
    const before = await target.db.prisma.record.count();
    const first = run();
    await until("a part has arrived", async () => (await target.db.prisma.record.count()) > before);
    await deletePairing(target.ctx(), { id: ids.targetId });
    await first;
    expect((await newestRun()).state).toBe("failed");
    await source.runPolls();
    expect(await session()).toMatchObject({ state: "ended" });
  });
});
