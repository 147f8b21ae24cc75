import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { deleteRecoveryPoint } from "@/lib/engine/recovery-points";
import { runReplication } from "@/lib/engine/replication";
import type { TransferPreference } from "@/lib/engine/replication/choose-mode";
import { createRepository } from "@/lib/engine/repositories";
import { connectTarget } from "@/lib/jobs/connect-target";
import { until } from "@/tests/support/until";
import { pairCores } from "../../support/pair";
import { PeerCore } from "../../support/peer-core";
import { captureBytes, noise, readBytes } from "./records";

const MiB = 1024 * 1024;
const RECORD = 16 * 1024;
const folder = mkdtempSync(path.join(tmpdir(), "twincore-direct-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let source: PeerCore;
let target: PeerCore;
let agentId: string;
let volumeId: string;
let sessionId: string;
/** The disk as the newest point of both cores has it. */
let disk: Buffer;

beforeAll(async () => {
  source = await PeerCore.start("Harbour");
  target = await PeerCore.start("Vault");
  const ids = await pairCores(source, target);
  for (const core of [source, target]) {
    const repository = await createRepository(core.ctx(), {
      name: `real ${core.name}`,
      path: path.join(folder, core.name),
    });
    await core.db.prisma.agent.updateMany({ data: { repositoryId: repository.id } });
  }
  const session = await source.db.prisma.replicationSession.findFirstOrThrow({ where: { pairingId: ids.sourceId } });
  sessionId = session.id;
  agentId = session.agentId;
  volumeId = (await source.db.prisma.volume.create({ data: { agentId, name: "disk", kind: "image", path: "/x" } })).id;
  disk = noise("disk", 48 * MiB);
  await capture(disk);
  await run("negotiated");
});

const capture = (bytes: Buffer) => captureBytes(source.ctx(), agentId, [{ volumeId, name: "disk", bytes }]);
const newestRun = () => source.db.prisma.run.findFirstOrThrow({ orderBy: { createdAt: "desc" } });

function run(preference: TransferPreference): Promise<void> {
  const ctx = source.ctx({ kind: "job", name: "run-replication" });
  const { signal } = new AbortController();
  return runReplication(ctx, { sessionId, owner: randomUUID(), signal, connect: connectTarget(ctx), preference });
}

function change(name: string, records: number): Buffer {
  const next = Buffer.from(disk);
  for (let i = 0; i < records; i++)
    noise(`${name} ${i}`, RECORD).copy(next, ((i * 7) % (next.length / RECORD)) * RECORD);
  return next;
}

async function expectOnTarget(pointId: string, bytes: Buffer): Promise<void> {
  expect((await readBytes(target.ctx(), pointId)).get("disk")?.equals(bytes)).toBe(true);
}

describe("a direct replication over mutual TLS", () => {
  it("brings the same bytes with the changed records and little more on the wire", async () => {
    const next = change("first", 30);
    const pointId = await capture(next);
    await run("auto");
    await expectOnTarget(pointId, next);
    const made = await newestRun();
    expect(made).toMatchObject({ state: "succeeded", mode: "direct", recordsNew: 30n });
    expect(Number(made.wireBytes)).toBeGreaterThan(30 * RECORD);
    expect(Number(made.wireBytes)).toBeLessThan(30 * RECORD * 1.1);
    disk = next;
  });

  it("goes on where it was after its connections were cut in the middle", async () => {
    const next = change("cut", 2000);
    const pointId = await capture(next);
    const before = await target.db.prisma.record.count();
    const first = run("direct");
    await until("a part has arrived", async () => (await target.db.prisma.record.count()) > before + 200);
    await target.stopListening();
    await first;
    expect(await newestRun()).toMatchObject({ state: "paused" });
    await target.listen();
    const arrived = await target.db.prisma.record.count();
    await run("direct");
    await expectOnTarget(pointId, next);
    expect(await newestRun()).toMatchObject({ state: "succeeded", mode: "direct" });
    expect(arrived).toBeGreaterThan(before + 200);
    expect(await target.db.prisma.record.count()).toBe(before + 2000);
    disk = next;
  });

  it("falls back to all keys when the target has lost the base, and arrives", async () => {
    const points = await target.db.prisma.recoveryPoint.findMany({ select: { id: true } });
    const next = change("fallback", 3);
    const pointId = await capture(next);
    // The source is told of the base by the plan; it is gone when the session starts.
    const ctx = source.ctx({ kind: "job", name: "run-replication" });
    await runReplication(ctx, {
      sessionId,
      owner: randomUUID(),
      signal: new AbortController().signal,
      preference: "direct",
      connect: async (pairingId, hooks) => {
        const core = await connectTarget(ctx)(pairingId, hooks);
        return {
          ...core,
          startDirectSession: async (input) => {
            for (const { id } of points) await deleteRecoveryPoint(target.ctx(), { id });
            return core.startDirectSession(input);
          },
        };
      },
    });
    await expectOnTarget(pointId, next);
    expect(await newestRun()).toMatchObject({ state: "succeeded", mode: "negotiated", failureMessage: null });
  });
});
