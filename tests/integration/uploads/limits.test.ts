import { randomBytes, randomUUID } from "node:crypto";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { cancelUpload, sweepUploads } from "@/lib/engine/uploads";
import { FILE_BYTES_MAX, OPEN_UPLOADS_MAX } from "@/lib/engine/uploads/bounds";
import { type Sender, UploadWorld } from "./world";

let world: UploadWorld;
let sender: Sender;
let stranger: Sender;
beforeAll(async () => {
  world = await UploadWorld.start();
  sender = world.sender;
  stranger = await world.stranger();
});
beforeEach(async () => {
  const { prisma } = world.target.db;
  await prisma.uploadSession.updateMany({ where: { state: "open" }, data: { state: "cancelled" } });
  await prisma.coreFile.updateMany({ data: { removedAt: new Date() } });
  world.target.aheadMs = 0;
});

const bytes = (size: number) => randomBytes(size);
const row = (id: string) => world.target.db.prisma.uploadSession.findUniqueOrThrow({ where: { id } });

describe("bounds", () => {
  it("hold for open uploads, for the size of a file, and for its name", async () => {
    const file = bytes(10);
    const started = await Promise.allSettled(
      Array.from({ length: OPEN_UPLOADS_MAX + 3 }, (_, i) => sender.start(`file ${i}`, file)),
    );
    const refused = started.filter((each) => each.status === "rejected");
    expect(refused).toHaveLength(3);
    for (const { reason } of refused) expect(reason).toMatchObject({ code: "too_many_requests" });
    await expect(stranger.start("mine", file)).resolves.toBeTypeOf("string");
    const huge = { fileSize: FILE_BYTES_MAX + 1 };
    await expect(stranger.start("huge", file, huge)).rejects.toMatchObject({ code: "too_large" });
    const names = [
      "../x",
      "a/b",
      "a\\b",
      "",
      ".",
      "..",
      "C:x",
      "x\u0000",
      "x\n",
      "\u202egpj.exe",
      " x",
      "ä".repeat(128),
    ];
    for (const name of names) await expect(stranger.start(name, file)).rejects.toMatchObject({ code: "invalid_input" });
    for (const md5Hash of ["", "abc", "z".repeat(32)])
      await expect(stranger.start("x", file, { md5Hash })).rejects.toMatchObject({ code: "invalid_input" });
  });

  it("hold for the bytes that one core may keep here", async () => {
    const { prisma } = world.target.db;
    const id = await sender.file("ese.dll", bytes(10));
    await prisma.coreFile.update({ where: { id }, data: { sizeBytes: 16n * 1024n ** 3n } });
    await expect(sender.start("more", bytes(10))).rejects.toMatchObject({ code: "storage_full" });
  });

  it("give the same upload to a sender that did not hear the answer", async () => {
    const file = bytes(10);
    const [first, again] = await Promise.all([sender.start("ese.dll", file), sender.start("ese.dll", file)]);
    expect(again).toBe(first);
    await sender.send(first, file);
    expect(await sender.start("ese.dll", file)).not.toBe(first);
  });
});

describe("an upload that is given up", () => {
  it("leaves nothing when it is cancelled, by its sender or by a person here", async () => {
    const file = bytes(1000);
    const mine = await sender.start("ese.dll", file);
    await sender.send(mine, file);
    await sender.cancel(mine);
    await sender.cancel(mine);
    await expect(sender.send(mine, file)).rejects.toMatchObject({ code: "conflict" });
    await expect(sender.end(mine)).rejects.toMatchObject({ code: "conflict" });
    const theirs = await sender.start("ese.dll", file);
    await sender.send(theirs, file);
    await cancelUpload(world.target.ctx(), { id: theirs });
    await expect(sender.end(theirs)).rejects.toMatchObject({ code: "conflict" });
    for (const id of [mine, theirs]) expect(world.stored("uploads").filter((name) => name.startsWith(id))).toEqual([]);
  });

  it("expires after a day without a piece, is swept, and is forgotten a day later", async () => {
    const file = bytes(1000);
    const id = await sender.start("ese.dll", file);
    await sender.send(id, file.subarray(0, 500));
    const hours = (count: number) => {
      world.target.aheadMs = count * 3_600_000;
    };
    hours(23);
    await sweepUploads(world.target.ctx());
    expect((await row(id)).state).toBe("open");
    hours(25);
    await sweepUploads(world.target.ctx());
    expect((await row(id)).state).toBe("expired");
    expect(world.stored("uploads").filter((name) => name.startsWith(id))).toEqual([]);
    await expect(sender.send(id, file.subarray(500))).rejects.toMatchObject({ code: "conflict" });
    hours(50);
    await sweepUploads(world.target.ctx());
    await expect(sender.end(id)).rejects.toMatchObject({ code: "not_found" });
  });
});

describe("another core", () => {
  it("finds neither the uploads nor the files of this one", async () => {
    const file = bytes(1000);
    const id = await sender.start("ese.dll", file, { version: "Exchange2010" });
    const nothing = { code: "not_found" };
    await expect(stranger.send(id, file)).rejects.toMatchObject(nothing);
    await expect(stranger.end(id)).rejects.toMatchObject(nothing);
    await expect(stranger.cancel(id)).rejects.toMatchObject(nothing);
    await expect(stranger.cancel(id, "true")).rejects.toMatchObject(nothing);
    await sender.send(id, file);
    await sender.end(id);
    expect(await stranger.versions()).toEqual(["None"]);
    await expect(stranger.info("ese.dll", "Exchange2010")).rejects.toMatchObject(nothing);
    await expect(stranger.cancel(randomUUID())).rejects.toMatchObject(nothing);
  });
});
