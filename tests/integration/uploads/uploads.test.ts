import { randomBytes, randomUUID } from "node:crypto";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { deleteCoreFile, listCoreFiles, openCoreFileDownload } from "@/lib/engine/core-files";
import { listUploads } from "@/lib/engine/uploads";
import { PIECE_BYTES_MAX } from "@/lib/engine/uploads/bounds";
import { fileKey, pieceKey } from "@/lib/engine/uploads/keys";
import { continueUploadFile } from "@/lib/peer/operations/uploads";
import { md5, type Sender, sha256, stream, UploadWorld } from "./world";

let world: UploadWorld;
let sender: Sender;
beforeAll(async () => {
  world = await UploadWorld.start();
  sender = world.sender;
});
beforeEach(async () => {
  const { prisma } = world.target.db;
  await prisma.uploadSession.updateMany({ where: { state: "open" }, data: { state: "cancelled" } });
  await prisma.coreFile.updateMany({ data: { removedAt: new Date() } });
  world.target.aheadMs = 0;
});

const bytes = (size: number) => randomBytes(size);
const page = { limit: 50 };
const row = (id: string) => world.target.db.prisma.uploadSession.findUniqueOrThrow({ where: { id } });
const pieces = (sessionId: string) => world.target.db.prisma.uploadPiece.count({ where: { sessionId } });
const files = async () => (await listCoreFiles(world.target.ctx(), page)).items;

async function download(id: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of (await openCoreFileDownload(world.target.ctx(), { id })).body) chunks.push(chunk);
  return Buffer.concat(chunks);
}

describe("an upload", () => {
  it("becomes a file of the core, with its digests, its sender and its bytes, and leaves no piece behind", async () => {
    const file = bytes(300_000);
    const id = await sender.start("ese.dll", file, { version: "Exchange2010" });
    for (let at = 0; at < file.length; at += 70_000) await sender.send(id, file.subarray(at, at + 70_000));
    const { items } = await listUploads(world.target.ctx(), page);
    const sentBy = { pairingId: world.ids.targetId, name: "Harbour" };
    expect(items[0]).toMatchObject({ id, receivedBytes: 300_000, sizeBytes: 300_000, sender: sentBy });
    await sender.end(id);
    const digests = { md5: md5(file), sha256: sha256(file) };
    expect(await files()).toMatchObject([
      { id, fileName: "ese.dll", version: "Exchange2010", sizeBytes: 300_000, ...digests, sender: sentBy },
    ]);
    expect((await download(id)).equals(file)).toBe(true);
    expect(world.stored("uploads").filter((name) => name.startsWith(id))).toEqual([]);
    expect((await listUploads(world.target.ctx(), page)).total).toBe(0);
  });

  it("takes the MD5 in every spelling that clients use, and files without a byte", async () => {
    const file = bytes(1000);
    const hex = md5(file);
    const spellings = [
      hex.toUpperCase(),
      Buffer.from(hex, "hex").toString("base64"),
      hex.toUpperCase().replaceAll(/(..)(?=.)/g, "$1-"),
    ];
    for (const md5Hash of spellings) {
      const id = await sender.start("a.dll", file, { md5Hash });
      await sender.send(id, file);
      await sender.end(id);
    }
    const empty = await sender.start("empty", Buffer.alloc(0));
    await sender.end(empty);
    expect((await files()).map((each) => each.fileName)).toEqual(["empty", "a.dll"]);
  });

  it("replaces the file of the same name and version, and its bytes", async () => {
    const first = await sender.file("ese.dll", bytes(1000), "Exchange2010");
    const second = await sender.file("ese.dll", bytes(2000), "Exchange2010");
    await sender.file("ese.dll", bytes(10));
    expect((await files()).map(({ sizeBytes }) => sizeBytes)).toEqual([10, 2000]);
    await expect(openCoreFileDownload(world.target.ctx(), { id: first })).rejects.toMatchObject({ code: "not_found" });
    await deleteCoreFile(world.target.ctx(), { id: second });
    expect(world.stored("files")).not.toContain(first);
    expect(world.stored("files")).not.toContain(second);
    await expect(deleteCoreFile(world.target.ctx(), { id: second })).rejects.toMatchObject({ code: "not_found" });
  });

  it("is refused for another MD5, stays open, and can begin anew", async () => {
    const file = bytes(1000);
    const id = await sender.start("ese.dll", file, { md5Hash: md5(Buffer.from("else")) });
    await sender.send(id, file);
    await expect(sender.end(id)).rejects.toMatchObject({ code: "integrity" });
    expect((await row(id)).state).toBe("open");
    expect(world.stored("files")).not.toContain(id);
    const again = await sender.start("ese.dll", file);
    expect(again).not.toBe(id);
    expect((await row(id)).state).toBe("cancelled");
    await sender.send(again, file);
    await sender.end(again);
    expect(await files()).toHaveLength(1);
  });

  it("is refused while bytes are missing, and ends when they are there", async () => {
    const file = bytes(1000);
    const id = await sender.start("ese.dll", file);
    await sender.send(id, file.subarray(0, 999));
    await expect(sender.end(id)).rejects.toMatchObject({
      code: "integrity",
      message: expect.stringContaining("999 of the declared 1000"),
    });
    await sender.send(id, file.subarray(999));
    await sender.end(id);
    expect((await download(id)).equals(file)).toBe(true);
  });

  it("ends once, however often that is asked and by how many at once", async () => {
    const file = bytes(50_000);
    const id = await sender.start("ese.dll", file);
    await sender.send(id, file);
    await Promise.all([sender.end(id), sender.end(id), sender.end(id)]);
    await sender.end(id);
    expect(await files()).toHaveLength(1);
    expect((await download(id)).equals(file)).toBe(true);
    await expect(sender.send(id, file)).rejects.toMatchObject({ code: "conflict" });
    await expect(sender.cancel(id)).rejects.toMatchObject({ code: "conflict" });
  });
});

describe("a piece", () => {
  it("whose body is shorter or longer than declared is refused, and nothing of it is kept", async () => {
    const file = bytes(1000);
    const id = await sender.start("ese.dll", file);
    for (const dataSize of [999, 1, 1001].filter((size) => size <= 1000))
      await expect(sender.send(id, file, { dataSize })).rejects.toMatchObject({ code: "invalid_input" });
    await expect(sender.send(id, file.subarray(1), { dataSize: 1000 })).rejects.toMatchObject({
      code: "invalid_input",
    });
    expect(world.stored("uploads").filter((name) => name.startsWith(id))).toEqual([]);
    expect(await pieces(id)).toBe(0);
    await sender.send(id, file);
    await sender.end(id);
  });

  it("beyond the end of the file, or beyond the bound, is refused before it is read", async () => {
    const file = bytes(1000);
    const id = await sender.start("ese.dll", file);
    const tooLarge = { code: "too_large" };
    await expect(sender.send(id, file, { offset: 1 })).rejects.toMatchObject(tooLarge);
    await expect(sender.send(id, Buffer.alloc(1001))).rejects.toMatchObject(tooLarge);
    const big = await sender.start("big.dll", file, { fileSize: 100 * 1024 * 1024 });
    await expect(sender.send(big, file, { dataSize: PIECE_BYTES_MAX + 1 })).rejects.toMatchObject(tooLarge);
    await sender.send(id, file.subarray(0, 600));
    await expect(sender.send(id, file.subarray(0, 500))).rejects.toMatchObject(tooLarge);
    await expect(sender.send(id, Buffer.alloc(0))).rejects.toMatchObject({ code: "invalid_input" });
  });

  it("that breaks off leaves nothing", async () => {
    const file = bytes(200_000);
    const id = await sender.start("ese.dll", file);
    const broken = async function* () {
      yield file.subarray(0, 70_000);
      throw new Error("the disk of the source broke");
    };
    const sent = sender.client.send(continueUploadFile, { uploadSessionId: id, dataSize: file.length }, broken());
    await expect(sent).rejects.toThrow("the disk of the source broke");
    await sender.send(id, file);
    await sender.end(id);
    expect(await pieces(id)).toBe(0);
    expect((await download(id)).equals(file)).toBe(true);
  });

  it("that is sent again because its answer was lost counts once", async () => {
    const file = bytes(300);
    const id = await sender.start("ese.dll", file);
    for (const at of [0, 0, 100, 200, 200, 200]) await sender.send(id, file.subarray(at, at + 100));
    expect(Number((await row(id)).receivedBytes)).toBe(300);
    await sender.end(id);
    expect((await download(id)).equals(file)).toBe(true);
  });

  it("that equals the one before counts twice where the file has it twice", async () => {
    const zeros = Buffer.alloc(1000);
    const plain = await sender.start("zeros", zeros);
    for (let at = 0; at < 1000; at += 100) await sender.send(plain, zeros.subarray(at, at + 100));
    await sender.end(plain);
    expect((await download(plain)).equals(zeros)).toBe(true);
    const mixed = Buffer.concat([Buffer.alloc(300), Buffer.from("x".repeat(100)), Buffer.alloc(200)]);
    const id = await sender.start("mixed", mixed);
    for (const at of [0, 100, 200, 300, 300, 400, 500, 400]) await sender.send(id, mixed.subarray(at, at + 100));
    await sender.end(id);
    expect((await download(id)).equals(mixed)).toBe(true);
  });

  it("with an offset may come in any order, at once and again, but never over other bytes", async () => {
    const file = bytes(800_000);
    const id = await sender.start("ese.dll", file);
    const at = (offset: number) => sender.send(id, file.subarray(offset, offset + 100_000), { offset });
    const offsets = [700_000, 0, 300_000, 100_000, 600_000, 200_000, 400_000, 300_000, 0];
    await Promise.all(offsets.map(at));
    await expect(sender.end(id)).rejects.toMatchObject({ code: "integrity" });
    await expect(sender.send(id, file.subarray(0, 100_000), { offset: 50_000 })).rejects.toMatchObject({
      code: "conflict",
    });
    await expect(sender.send(id, bytes(100_000), { offset: 0 })).rejects.toMatchObject({ code: "conflict" });
    await expect(sender.send(id, file.subarray(500_000, 600_000))).rejects.toMatchObject({ code: "invalid_input" });
    await at(500_000);
    await at(500_000);
    await sender.end(id);
    expect((await download(id)).equals(file)).toBe(true);
  });

  it("outlives a restart of the core, and so does what another process left of one", async () => {
    const file = bytes(200_000);
    const id = await sender.start("ese.dll", file);
    await sender.send(id, file.subarray(0, 100_000));
    await world.target.restart();
    const { storage } = await import("@/lib/engine/repositories/open").then(async (m) =>
      m.openRepository(world.target.ctx(), (await row(id)).repositoryId),
    );
    // As a process leaves it that dies between object and row, of a piece and of the file.
    await storage.put(pieceKey(id, randomUUID()), Buffer.from("half"));
    await sender.send(id, file.subarray(0, 100_000));
    await sender.send(id, file.subarray(100_000));
    await storage.put(fileKey(id), file);
    await world.target.restart();
    await sender.end(id);
    expect((await download(id)).equals(file)).toBe(true);
    expect(world.stored("uploads").filter((name) => name.startsWith(id))).toEqual([]);
  });
});

describe("a large file", () => {
  it("is streamed: memory does not grow with it", async () => {
    const mebibyte = randomBytes(1024 * 1024);
    const piece = Buffer.concat(Array.from({ length: 16 }, () => mebibyte));
    const count = 16;
    const hash = (await import("node:crypto")).createHash("md5");
    for (let i = 0; i < count; i++) hash.update(piece).update(String(i));
    const size = count * piece.length + [...Array(count).keys()].join("").length;
    const id = await sender.start("large.bin", Buffer.alloc(0), { fileSize: size, md5Hash: hash.digest("hex") });
    let most = 0;
    const timer = setInterval(() => {
      most = Math.max(most, process.memoryUsage().arrayBuffers);
    }, 10);
    for (let i = 0; i < count; i++) {
      const parts = Array.from({ length: 16 }, () => mebibyte);
      await sender.client.send(continueUploadFile, { uploadSessionId: id, dataSize: piece.length }, stream(...parts));
      const tail = Buffer.from(String(i));
      await sender.send(id, tail);
    }
    await sender.end(id);
    clearInterval(timer);
    expect((await files())[0]).toMatchObject({ id, sizeBytes: size });
    expect(most).toBeLessThan(150 * 1024 * 1024);
  });
});
