import fs from "node:fs";
import path from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { browseImage } from "@/lib/engine/recovery-points";
import type { BrowseEntry, RecoveryPointDetail } from "@/lib/engine/recovery-points/schemas";
import { openDownload, openFileDownload } from "@/lib/engine/restore";
import { writeDisk } from "../../support/disk";
import { World } from "../capture/world";

const world = await World.start();

async function collect(body: AsyncIterable<Buffer>): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of body) pieces.push(piece);
  return Buffer.concat(pieces);
}

describe("a disk image", () => {
  it("comes back byte for byte with its holes, whole and in any range; blocks that did not change are not stored again", async () => {
    const disk = path.join(world.folder, "disk.img");
    await writeDisk(disk, 20, 1);
    // An end that is no whole block.
    fs.appendFileSync(disk, "tail");
    const bytes = fs.readFileSync(disk);
    const agent = await world.agent("disk", [{ kind: "image", name: "disk", path: disk }]);
    const point = await world.capture(agent.id);
    const before = await world.countRecords();
    const restored = path.join(world.folder, "disk-restored.img");
    expect(await world.restore(point, restored)).toMatchObject({ state: "succeeded", bytesDone: bytes.length });
    expect(fs.readFileSync(restored).equals(bytes)).toBe(true);
    expect(fs.statSync(restored).blocks * 512).toBeLessThan(bytes.length);
    expect(fs.readdirSync(world.folder).filter((name) => name.includes("twincore-restore"))).toEqual([]);

    const ids = { recoveryPointId: point.id, imageId: point.images[0]?.id ?? "" };
    const whole = await openDownload(world.ctx, ids);
    expect(whole).toMatchObject({ totalBytes: bytes.length, start: 0, end: bytes.length, acceptsRanges: true });
    expect((await collect(whole.body)).equals(bytes)).toBe(true);
    for (const [start, end] of [
      [0, 1],
      [1024 * 1024 - 1, 1024 * 1024 + 1],
      [7 * 1024 * 1024 + 5, 9 * 1024 * 1024 + 6],
      [bytes.length - 1, bytes.length],
    ] as const) {
      const part = await openDownload(world.ctx, { ...ids, range: `bytes=${start}-${end - 1}` });
      expect(part).toMatchObject({ start, end, totalBytes: bytes.length });
      expect((await collect(part.body)).equals(bytes.subarray(start, end))).toBe(true);
    }
    const beyond = openDownload(world.ctx, { ...ids, range: `bytes=${bytes.length}-` });
    await expect(beyond).rejects.toMatchObject({ code: "bad_range" });

    const file = fs.openSync(disk, "r+");
    fs.writeSync(file, "changed", 3 * 1024 * 1024 + 17);
    fs.closeSync(file);
    await world.capture(agent.id);
    expect((await world.countRecords()) - before).toBe(1);
  });

  it("an empty one too", async () => {
    const disk = path.join(world.folder, "empty.img");
    fs.writeFileSync(disk, "");
    const agent = await world.agent("empty disk", [{ kind: "image", name: "disk", path: disk }]);
    const point = await world.capture(agent.id);
    const restored = path.join(world.folder, "empty-restored.img");
    await world.restore(point, restored);
    expect(fs.statSync(restored).size).toBe(0);
    const download = await openDownload(world.ctx, { recoveryPointId: point.id, imageId: point.images[0]?.id ?? "" });
    expect((await collect(download.body)).length).toBe(0);
  });

  it("is not restored over a file that exists", async () => {
    const disk = path.join(world.folder, "other.img");
    fs.writeFileSync(disk, "disk");
    const agent = await world.agent("other disk", [{ kind: "image", name: "disk", path: disk }]);
    const point = await world.capture(agent.id);
    await expect(world.restore(point, disk)).rejects.toMatchObject({ code: "invalid_input" });
    expect(fs.readFileSync(disk, "utf8")).toBe("disk");
  });
});

describe("a folder image in parts", () => {
  const source = world.makeFolder("parts");
  const names = Array.from({ length: 3000 }, (_, i) => `name-${i}`);
  for (const folder of ["a", "a-b", "many", "z"]) fs.mkdirSync(path.join(source, folder));
  for (const name of names) fs.writeFileSync(path.join(source, "many", name), `content of ${name}\n`);
  for (let i = 0; i < 40; i++) fs.mkdirSync(path.join(source, "z", `f${i}`));
  for (let i = 0; i < 40; i++) fs.writeFileSync(path.join(source, "z", `f${i}`, "file"), `${i}`);
  fs.writeFileSync(path.join(source, "a/first"), "first");
  fs.linkSync(path.join(source, "a/first"), path.join(source, "a-b/second"));
  fs.symlinkSync("a", path.join(source, "link"));
  const odd = Buffer.from([0x61, 0xff]);
  fs.writeFileSync(Buffer.concat([Buffer.from(`${source}/`), odd]), "odd");
  const large = Buffer.alloc(3_000_000, "0123456789abc");
  fs.writeFileSync(path.join(source, "large"), large);
  // Not before the tests above have ended: they count records.
  let point: RecoveryPointDetail;
  beforeAll(async () => {
    const agent = await world.folderAgent("parts", source);
    point = await world.capture(agent.id);
  });
  const base64 = (text: string | Buffer) => Buffer.from(text).toString("base64url");

  async function list(folder: string, limit: number): Promise<BrowseEntry[]> {
    const ids = { recoveryPointId: point.id, imageId: point.images[0]?.id ?? "" };
    const items: BrowseEntry[] = [];
    let cursor: string | undefined;
    do {
      const page = await browseImage(world.ctx, { ...ids, folder: base64(folder), cursor, limit });
      expect(page.items.length).toBeLessThanOrEqual(limit);
      items.push(...page.items);
      cursor = page.nextCursor ?? undefined;
    } while (cursor);
    return items;
  }

  it.each([1, 3, 1000])("lists the root in pages of %d, without what is deeper", async (limit) => {
    const items = await list("", limit);
    const expected = fs.readdirSync(source, "buffer").sort(Buffer.compare);
    expect(items.map((item) => item.pathBase64)).toEqual(expected.map(base64));
    expect(items.find((item) => item.name === "link")).toMatchObject({ type: "link", linkTarget: "a" });
    expect(items.find((item) => item.name === "large")).toMatchObject({ type: "file", sizeBytes: 3_000_000 });
    expect(items.find((item) => item.pathBase64 === base64(odd))).toMatchObject({ name: "a\ufffd", type: "file" });
  });

  it("lists large folders, folders of folders, and other names with the size of the file", async () => {
    expect((await list("many", 700)).map((item) => item.name)).toEqual([...names].sort());
    expect((await list("z", 7)).map((item) => item.name)).toEqual(fs.readdirSync(path.join(source, "z")).sort());
    expect(await list("a-b", 10)).toMatchObject([{ name: "second", type: "file", sizeBytes: 5 }]);
  });

  it("says that there is no such folder, and refuses a wrong path", async () => {
    await expect(list("nothing", 10)).rejects.toMatchObject({ code: "not_found" });
    await expect(list("large", 10)).rejects.toMatchObject({ code: "not_found" });
    const ids = { recoveryPointId: point.id, imageId: point.images[0]?.id ?? "" };
    await expect(browseImage(world.ctx, { ...ids, folder: "not base64!", limit: 10 })).rejects.toMatchObject({
      code: "invalid_input",
    });
  });

  it("gives single files, odd names and other names too, in any range", async () => {
    const ids = { recoveryPointId: point.id, imageId: point.images[0]?.id ?? "" };
    const read = async (file: string | Buffer, range?: string) =>
      (await collect((await openFileDownload(world.ctx, { ...ids, path: base64(file), range })).body)).toString();
    for (const name of ["name-0", "name-1500", "name-2999"])
      expect(await read(`many/${name}`)).toBe(`content of ${name}\n`);
    expect(await read(odd)).toBe("odd");
    expect(await read("a-b/second")).toBe("first");
    expect(await read("large", "bytes=1300000-1300009")).toBe("0123456789");
    await expect(read("large", "bytes=3000000-")).rejects.toMatchObject({ code: "bad_range" });
    for (const missing of ["nothing", "many", "link", "many/../large"])
      await expect(read(missing)).rejects.toMatchObject({ code: "not_found" });
  });
});
