import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import path from "node:path";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { listCoreFiles, openCoreFileDownload } from "@/lib/engine/core-files";
import {
  type ConnectFileTarget,
  cancelOutgoingFile,
  type FileTarget,
  listOutgoingFiles,
  receiveOutgoingFile,
  sendFile,
  sweepOutgoingFiles,
} from "@/lib/engine/outgoing-files";
import { sweepUploads } from "@/lib/engine/uploads";
import { connectFileTarget } from "@/lib/jobs/connect-file-target";
import { md5, stream, UploadWorld } from "./world";

const MiB = 1024 * 1024;
let world: UploadWorld;
beforeAll(async () => {
  world = await UploadWorld.start();
});
beforeEach(async () => {
  world.source.aheadMs = 0;
  world.source.jobs = [];
  await world.target.db.prisma.coreFile.updateMany({ data: { removedAt: new Date() } });
});

const { signal } = new AbortController();
const job = () => world.source.ctx({ kind: "job", name: "send-file" });
const overTls: ConnectFileTarget = (pairingId, hooks) => connectFileTarget(job())(pairingId, hooks);

/** The target over TLS, with some of its operations replaced. */
const withFaults =
  (change: (target: FileTarget) => Partial<FileTarget>): ConnectFileTarget =>
  async (pairingId, hooks) => {
    const target = await overTls(pairingId, hooks);
    return { ...target, ...change(target) };
  };

const receive = (bytes: Uint8Array, more: { sizeBytes?: number; signal?: AbortSignal; name?: string } = {}) =>
  receiveOutgoingFile(
    world.source.ctx(),
    { pairingId: world.ids.sourceId, name: "ese.dll", version: "Exchange2010", sizeBytes: null, signal, ...more },
    stream(bytes),
  );
const send = (fileId: string, connect = overTls) => sendFile(job(), { fileId, signal, connect });
const report = async (id: string) => {
  const { items } = await listOutgoingFiles(world.source.ctx(), { limit: 50 });
  return items.find((each) => each.id === id);
};
const kept = (id: string) => existsSync(path.join(world.folder, "Harbour", "outgoing", id));

async function arrived(): Promise<Buffer[]> {
  const { items } = await listCoreFiles(world.target.ctx(), { limit: 50 });
  return Promise.all(
    items.map(async ({ id }) => {
      const chunks: Buffer[] = [];
      for await (const chunk of (await openCoreFileDownload(world.target.ctx(), { id })).body) chunks.push(chunk);
      return Buffer.concat(chunks);
    }),
  );
}

describe("a file that a person sends to a target", () => {
  it("is kept here until it is there, byte for byte, under its name and version", async () => {
    const bytes = randomBytes(9 * MiB + 5);
    const queued = await receive(bytes, { sizeBytes: bytes.length });
    expect(queued).toMatchObject({ state: "queued", sizeBytes: bytes.length, sentBytes: 0, target: { name: "Vault" } });
    expect(world.source.jobs).toContainEqual({ name: "send-file", payload: { fileId: queued.id } });
    expect(kept(queued.id)).toBe(true);
    await send(queued.id);
    expect(await report(queued.id)).toMatchObject({ state: "sent", sentBytes: bytes.length, failure: null });
    expect(kept(queued.id)).toBe(false);
    const { items } = await listCoreFiles(world.target.ctx(), { limit: 50 });
    expect(items).toMatchObject([
      { fileName: "ese.dll", version: "Exchange2010", md5: md5(bytes), sender: { name: "Harbour" } },
    ]);
    expect((await arrived())[0]?.equals(bytes)).toBe(true);
    await send(queued.id);
    expect(await arrived()).toHaveLength(1);
  });

  it("goes on where it was when the target was away, and sends nothing twice", async () => {
    const bytes = randomBytes(13 * MiB);
    const { id } = await receive(bytes);
    await world.target.stopListening();
    await expect(send(id)).rejects.toMatchObject({ code: "unavailable" });
    expect(await report(id)).toMatchObject({ state: "queued", failure: { code: "unavailable" } });
    await world.target.listen();
    const offsets: (number | undefined)[] = [];
    const broken = (after: number) =>
      withFaults((target) => ({
        send: async (input, body) => {
          offsets.push(input.offset);
          await target.send(input, body);
          // The piece is there; its answer is lost.
          if (offsets.length === after) await world.target.stopListening();
          if (offsets.length === after) await target.end({ uploadSessionId: input.uploadSessionId });
        },
      }));
    await expect(send(id, broken(2))).rejects.toMatchObject({ code: "unavailable" });
    await world.target.restart();
    await send(id, broken(-1));
    expect(offsets).toEqual([0, 4 * MiB, 4 * MiB, 8 * MiB, 12 * MiB]);
    expect((await arrived())[0]?.equals(bytes)).toBe(true);
  });

  it("begins anew when the target has forgotten the upload", async () => {
    const bytes = randomBytes(5 * MiB);
    const { id } = await receive(bytes);
    const once = withFaults(() => ({ end: () => Promise.reject(new Error("the power went")) }));
    await expect(send(id, once)).rejects.toThrow("the power went");
    for (const hours of [25, 50]) {
      world.target.aheadMs = hours * 3_600_000;
      await sweepUploads(world.target.ctx());
    }
    world.target.aheadMs = 0;
    expect(await world.target.db.prisma.uploadSession.count()).toBe(0);
    await send(id);
    expect(await report(id)).toMatchObject({ state: "sent" });
    expect((await arrived())[0]?.equals(bytes)).toBe(true);
  });

  it("stops when it is cancelled, and leaves nothing on either side", async () => {
    const { id } = await receive(randomBytes(9 * MiB));
    const cancelling = withFaults((target) => ({
      send: async (input, body) => {
        await target.send(input, body);
        await cancelOutgoingFile(world.source.ctx(), { id });
      },
    }));
    await send(id, cancelling);
    expect(await report(id)).toMatchObject({ state: "cancelled", sentBytes: 0 });
    expect(kept(id)).toBe(false);
    expect(await world.target.db.prisma.uploadSession.count({ where: { state: "open" } })).toBe(0);
    expect(world.stored("uploads")).toEqual([]);
    await cancelOutgoingFile(world.source.ctx(), { id });
    const done = await receive(randomBytes(10));
    await send(done.id);
    await expect(cancelOutgoingFile(world.source.ctx(), { id: done.id })).rejects.toMatchObject({ code: "conflict" });
  });

  it("waits while the target has no room, says why, and is given up after a day", async () => {
    const { id } = await receive(randomBytes(10));
    const { prisma } = world.target.db;
    const full = await prisma.coreFile.create({
      data: {
        id: "00000000-0000-4000-8000-000000000000",
        pairingId: world.ids.targetId,
        repositoryId: "00000000-0000-4000-8000-000000000000",
        fileName: "x",
        version: "",
        sizeBytes: 16n * 1024n ** 3n,
        md5: Buffer.alloc(16),
        sha256: Buffer.alloc(32),
      },
    });
    await expect(send(id)).rejects.toMatchObject({ code: "storage_full" });
    expect(await report(id)).toMatchObject({ state: "queued", failure: { code: "storage_full" } });
    await prisma.coreFile.delete({ where: { id: full.id } });
    world.source.aheadMs = 25 * 3_600_000;
    const refused = withFaults(() => ({ start: () => Promise.reject(new Error("still not")) }));
    await send(id, refused);
    expect(await report(id)).toMatchObject({ state: "failed", failure: { code: "internal" } });
    expect(kept(id)).toBe(false);
  });

  it("is refused when it does not come whole, and its beginning is not kept", async () => {
    const gone = AbortSignal.abort();
    await expect(receive(randomBytes(100), { signal: gone })).rejects.toMatchObject({ code: "unavailable" });
    await expect(receive(randomBytes(100), { sizeBytes: 101 })).rejects.toMatchObject({ code: "unavailable" });
    await expect(receive(randomBytes(100), { sizeBytes: 3 * 1024 ** 3 })).rejects.toMatchObject({ code: "too_large" });
    const { items } = await listOutgoingFiles(world.source.ctx(), { limit: 2 });
    for (const { id, state } of items) {
      expect(state).toBe("failed");
      expect(kept(id)).toBe(false);
    }
  });

  it("goes to targets of established pairings only", async () => {
    const to = (core: typeof world.source, pairingId: string) =>
      receiveOutgoingFile(
        core.ctx(),
        { pairingId, name: "a", version: "None", sizeBytes: null, signal },
        stream(Buffer.from("a")),
      );
    await expect(to(world.target, world.ids.targetId)).rejects.toMatchObject({ code: "not_found" });
    const { prisma } = world.source.db;
    await prisma.pairing.update({ where: { id: world.ids.sourceId }, data: { state: "deleted" } });
    await expect(to(world.source, world.ids.sourceId)).rejects.toMatchObject({ code: "conflict" });
    await prisma.pairing.update({ where: { id: world.ids.sourceId }, data: { state: "established" } });
  });

  it("is brought back when its job was lost, and given up when it never came whole", async () => {
    const { id } = await receive(randomBytes(10));
    const { prisma } = world.source.db;
    const half = await receive(randomBytes(10));
    await prisma.outgoingFile.update({ where: { id: half.id }, data: { state: "receiving" } });
    world.source.jobs = [];
    world.source.aheadMs = 11 * 60_000;
    await sweepOutgoingFiles(job());
    expect(world.source.jobs).toEqual([{ name: "send-file", payload: { fileId: id } }]);
    world.source.aheadMs = 25 * 3_600_000;
    await sweepOutgoingFiles(job());
    expect(await report(half.id)).toMatchObject({ state: "failed" });
    expect(kept(half.id)).toBe(false);
    await cancelOutgoingFile(job(), { id });
    world.source.aheadMs = 60 * 24 * 3_600_000;
    await sweepOutgoingFiles(job());
    expect(await report(id)).toBeUndefined();
  });
});
