import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runReplication } from "@/lib/engine/replication";
import { createRepository } from "@/lib/engine/repositories";
import { hearTargets } from "@/lib/engine/sessions";
import { connectTarget } from "@/lib/jobs/connect-target";
import { pairCores } from "../../support/pair";
import { PeerCore } from "../../support/peer-core";
import { until } from "../../support/until";
import { captureBytes, noise, readBytes } from "../replication/records";

const MiB = 1024 * 1024;
const folder = mkdtempSync(path.join(tmpdir(), "twincore-pull-tls-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let caller: PeerCore;
let callee: PeerCore;
let stranger: PeerCore;
let agentId: string;
let volumeId: string;

/** Two cores that became a pair as people make them one; one point has been replicated, then the agent failed over. */
beforeAll(async () => {
  caller = await PeerCore.start("Harbour");
  callee = await PeerCore.start("Vault");
  stranger = await PeerCore.start("Stranger");
  await pairCores(caller, callee);
  for (const core of [caller, callee]) {
    const repository = await createRepository(core.ctx(), {
      name: `real ${core.name}`,
      path: path.join(folder, core.name),
    });
    await core.db.prisma.agent.updateMany({ data: { repositoryId: repository.id } });
  }
  agentId = (await session()).agentId;
  volumeId = (await caller.db.prisma.volume.create({ data: { agentId, name: "disk", kind: "image", path: "/x" } })).id;
  await captureBytes(caller.ctx(), agentId, [{ volumeId, name: "disk", bytes: noise("first", 20 * MiB) }]);
  await run();
  expect(await session()).toMatchObject({ state: "ok" });
  await caller.db.prisma.replicationSession.updateMany({ data: { role: "destination", state: "ok", epoch: 1 } });
  await callee.db.prisma.replicationSession.updateMany({ data: { role: "source", state: "ok", epoch: 1 } });
});

const session = (core = caller) => core.db.prisma.replicationSession.findFirstOrThrow();
const newestRun = () => caller.db.prisma.run.findFirstOrThrow({ orderBy: { createdAt: "desc" } });
const records = () => caller.db.prisma.record.count();
const captureThere = (bytes: Buffer) => captureBytes(callee.ctx(), agentId, [{ volumeId, name: "disk", bytes }]);

async function run(): Promise<void> {
  const ctx = caller.ctx({ kind: "job", name: "run-replication" });
  const { signal } = new AbortController();
  const { id: sessionId } = await session();
  await runReplication(ctx, { sessionId, owner: randomUUID(), signal, connect: connectTarget(ctx) });
}

describe("fetching over mutual TLS", () => {
  it("is asked for within a minute's look, and brings every byte for little more than the records", async () => {
    const disk = noise("second", 20 * MiB);
    const pointId = await captureThere(disk);
    const ctx = caller.ctx();
    await hearTargets(ctx, connectTarget(ctx));
    expect((await session()).nextRunAt).not.toBeNull();
    await run();
    expect(await session()).toMatchObject({ state: "ok", newestPointId: pointId, failureMessage: null });
    expect(await session(callee)).toMatchObject({ newestPointId: pointId });
    expect((await readBytes(caller.ctx(), pointId)).get("disk")?.equals(disk)).toBe(true);
    const { wireBytes } = await newestRun();
    expect(Number(wireBytes)).toBeGreaterThan(disk.length);
    // A manifest of 44 bytes for each of the test's small records of 16 KiB, and headers.
    expect(Number(wireBytes)).toBeLessThan(disk.length * 1.05);
    await hearTargets(ctx, connectTarget(ctx));
    expect((await session()).nextRunAt).toBeNull();
  });

  it("goes on where it was after its connections were cut in the middle", async () => {
    const disk = noise("third", 60 * MiB);
    const pointId = await captureThere(disk);
    const before = await records();
    const first = run();
    await until("a part has arrived", async () => (await records()) > before + 300);
    await callee.stopListening();
    await first;
    const cut = await newestRun();
    expect(cut).toMatchObject({ state: "paused" });
    expect(await session()).toMatchObject({ state: "system_paused", failureCode: "unavailable" });
    await callee.listen();
    await run();
    expect(await newestRun()).toMatchObject({ id: cut.id, state: "succeeded" });
    expect((await readBytes(caller.ctx(), pointId)).get("disk")?.equals(disk)).toBe(true);
  });

  it("gives another paired core nothing of the agent: it does not exist for it", async () => {
    const other = await pairCores(stranger, callee);
    const connect = connectTarget(stranger.ctx());
    const target = await connect(other.sourceId, { signal: new AbortController().signal });
    const image = await callee.db.prisma.volumeImage.findFirstOrThrow();
    const gone = { code: "not_found" };
    await expect(target.selectLeadingPoints({ agentId, skipCount: 0, maxCount: 10 })).rejects.toMatchObject(gone);
    const point = { agentId, recoveryPointId: image.recoveryPointId };
    await expect(target.describeLeadingPoint(point)).rejects.toMatchObject(gone);
    await expect(target.readImageManifest({ agentId, imageId: image.id })).rejects.toMatchObject(gone);
    const part = { agentId, imageId: image.id, start: 0, count: 1 };
    await expect(target.readImageRecords(part, Buffer.alloc(44, 1))).rejects.toMatchObject(gone);
    await expect(target.readLeadingMetadata({ agentId })).rejects.toMatchObject(gone);
    await expect(target.acknowledgePull(point)).rejects.toMatchObject(gone);
    await expect(target.startPullJob({ agentId })).rejects.toMatchObject(gone);
    target.close();
  });
});
