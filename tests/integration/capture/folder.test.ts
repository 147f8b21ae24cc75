import { execFileSync } from "node:child_process";
import fs from "node:fs";
import { createServer } from "node:net";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { systemFiles } from "@/lib/engine/capture";
import { startCapture } from "@/lib/engine/tasks";
import { makeTree } from "../../support/tree";
import { readTree } from "./tree";
import { World, watchedFiles } from "./world";

const world = await World.start();
const isRoot = process.geteuid?.() === 0;

/** A file of bytes that share no record with another seed. */
function bytesOf(seed: string, length: number): Buffer {
  return execFileSync(
    "sh",
    ["-c", `openssl enc -aes-128-ctr -nosalt -k ${seed} -in /dev/zero 2>/dev/null | head -c ${length}`],
    {
      maxBuffer: length + 1024,
    },
  );
}

describe("a folder tree that was captured and restored", () => {
  it("is the same: bytes, odd names, links, hard links, holes, modes, owners, times", async () => {
    const source = world.makeFolder("everything");
    makeTree(source);
    execFileSync("mkfifo", [path.join(source, "pipe")]);
    fs.mkdirSync(path.join(source, "closed"));
    fs.writeFileSync(path.join(source, "closed/inside"), "x");
    fs.writeFileSync(path.join(source, "large-holes"), bytesOf("holes", 400_000));
    fs.truncateSync(path.join(source, "large-holes"), 9_000_000);
    fs.appendFileSync(path.join(source, "large-holes"), "end");
    fs.chmodSync(path.join(source, "closed"), 0o500);
    fs.chmodSync(path.join(source, "bin/run"), 0o4755);
    fs.utimesSync(source, 1_600_000_000.123456, 1_600_000_000.654321);
    if (isRoot) {
      fs.chownSync(path.join(source, "bin/run"), 1234, 5678);
      fs.chmodSync(path.join(source, "bin/run"), 0o4755);
      fs.lchownSync(path.join(source, "docs/broken"), 77, 88);
    }
    const agent = await world.folderAgent("everything", source);
    const point = await world.capture(agent.id);
    expect(point.skipped).toEqual([]);

    const restored = path.join(world.folder, "everything-restored");
    const task = await world.restore(point, restored);
    expect(task).toMatchObject({ state: "succeeded", phase: "done", bytesDone: point.logicalBytes });
    expect(readTree(restored)).toEqual(readTree(source));
    expect(fs.statSync(path.join(restored, "sparse.img")).blocks).toBeLessThan(64);
    expect(fs.statSync(path.join(restored, "large-holes")).blocks * 512).toBeLessThan(1_000_000);
    expect(fs.readdirSync(restored).filter((name) => name.startsWith(".twincore"))).toEqual([]);
  });

  it("is that behind a link when the path is one", async () => {
    const source = world.makeFolder("behind");
    fs.writeFileSync(path.join(source, "file"), "file");
    const link = path.join(world.folder, "link-to-behind");
    fs.symlinkSync(source, link);
    const point = await world.capture((await world.folderAgent("behind", link)).id);
    const restored = path.join(world.folder, "behind-restored");
    expect(await world.restore(point, restored)).toMatchObject({ state: "succeeded" });
    expect(readTree(restored)).toEqual(readTree(source));
  });

  it("an empty folder too", async () => {
    const source = world.makeFolder("nothing");
    const agent = await world.folderAgent("nothing", source);
    const point = await world.capture(agent.id);
    expect(point).toMatchObject({ logicalBytes: 0, images: [{ entryCount: 1 }] });
    const restored = world.makeFolder("nothing-restored");
    await world.restore(point, restored);
    expect(readTree(restored)).toEqual(readTree(source));
  });
});

describe("a further capture", () => {
  it("opens no file when nothing changed, and adds no record", async () => {
    const source = world.makeFolder("quiet");
    makeTree(source);
    const agent = await world.folderAgent("quiet", source);
    const first = await world.capture(agent.id);
    const before = await world.countRecords();
    const files = watchedFiles();
    const second = await world.capture(agent.id, files);
    expect(files.opened).toEqual([]);
    expect(await world.countRecords()).toBe(before);
    expect(second.storedBytes).toBe(0);
    expect(second.images[0]?.manifestDigest).toBe(first.images[0]?.manifestDigest);
    expect(second.sequence).toBe(first.sequence + 1);
  });

  it("reads a changed file with its group and no other, and stores two records", async () => {
    const source = world.makeFolder("one-change");
    for (let i = 0; i < 2000; i++) fs.writeFileSync(path.join(source, `file-${i}`), `content ${i} `.repeat(40));
    const agent = await world.folderAgent("one-change", source);
    const first = await world.capture(agent.id);
    const before = await world.countRecords();
    fs.writeFileSync(path.join(source, "file-1000"), "changed");
    const files = watchedFiles();
    const second = await world.capture(agent.id, files);
    expect(files.opened.length).toBeGreaterThan(0);
    expect(files.opened.length).toBeLessThan(600);
    // The record of the group and that of the entries.
    expect((await world.countRecords()) - before).toBe(2);
    expect(second.storedBytes).toBeLessThan(first.storedBytes / 3);
    const restored = path.join(world.folder, "one-change-restored");
    await world.restore(second, restored);
    expect(readTree(restored)).toEqual(readTree(source));
  });

  it("moves no other group when files come and go", async () => {
    const source = world.makeFolder("come-and-go");
    for (let i = 0; i < 2000; i++) fs.writeFileSync(path.join(source, `f${i}`), `content ${i} `.repeat(40));
    const agent = await world.folderAgent("come-and-go", source);
    await world.capture(agent.id);
    const before = await world.countRecords();
    fs.rmSync(path.join(source, "f700"));
    fs.writeFileSync(path.join(source, "f1500-new"), "new");
    fs.renameSync(path.join(source, "f100"), path.join(source, "f100-renamed"));
    const second = await world.capture(agent.id);
    // Each change touches one group, and the border of one at most; entries share one or two records.
    expect((await world.countRecords()) - before).toBeLessThanOrEqual(8);
    const restored = path.join(world.folder, "come-and-go-restored");
    await world.restore(second, restored);
    expect(readTree(restored)).toEqual(readTree(source));
  });

  it("reads a large file again when only its change time moved, and stores nothing of it", async () => {
    const source = world.makeFolder("touched");
    const file = path.join(source, "large");
    fs.writeFileSync(file, bytesOf("touched", 3_000_000));
    const agent = await world.folderAgent("touched", source);
    await world.capture(agent.id);
    fs.chmodSync(file, 0o600);
    const before = await world.countRecords();
    const files = watchedFiles();
    await world.capture(agent.id, files);
    expect(files.opened).toEqual([file]);
    expect((await world.countRecords()) - before).toBe(1);
  });

  it("does not trust a file that changed in the moment of the capture before", async () => {
    const source = world.makeFolder("racy");
    const file = path.join(source, "file");
    fs.writeFileSync(file, "one");
    const agent = await world.folderAgent("racy", source);
    const realNow = world.clockMs;
    // The capture begins ten milliseconds after the file was written: within one tick of many clocks.
    world.clockMs = fs.statSync(file).ctimeMs + 10 - 60_000;
    await world.capture(agent.id);
    world.clockMs = realNow;
    const files = watchedFiles();
    await world.capture(agent.id, files);
    expect(files.opened).toEqual([file]);
  });

  it("goes on without the image before when its manifest is damaged", async () => {
    const source = world.makeFolder("damaged-before");
    fs.writeFileSync(path.join(source, "file"), "content");
    const agent = await world.folderAgent("damaged-before", source);
    const first = await world.capture(agent.id);
    const id = first.images[0]?.id ?? "";
    const manifest = execFileSync("find", [path.join(world.folder, "repository"), "-name", `${id}.manifest`])
      .toString()
      .trim();
    fs.chmodSync(manifest, 0o600);
    const bytes = fs.readFileSync(manifest);
    bytes.fill(0xee, 0, 40);
    fs.writeFileSync(manifest, bytes);
    const second = await world.capture(agent.id);
    const restored = path.join(world.folder, "damaged-before-restored");
    await world.restore(second, restored);
    expect(readTree(restored)).toEqual(readTree(source));
  });
});

describe("what cannot be captured as it is", () => {
  it("is reported, and the rest is there: a file that vanishes, one that cannot be read, a socket", async () => {
    const source = world.makeFolder("troubled");
    for (const name of ["gone", "kept", "secret"]) fs.writeFileSync(path.join(source, name), name);
    fs.writeFileSync(path.join(source, "large-gone"), bytesOf("gone", 500_000));
    const server = createServer().listen(path.join(source, "socket"));
    const agent = await world.folderAgent("troubled", source);
    const fails = new Map([
      ["gone", "ENOENT"],
      ["large-gone", "ENOENT"],
      ["secret", "EACCES"],
    ]);
    const point = await world.capture(agent.id, {
      ...systemFiles,
      open: (file, stat) => {
        const code = fails.get(path.basename(file));
        return code ? Promise.reject(Object.assign(new Error(code), { code })) : systemFiles.open(file, stat);
      },
    });
    server.close();
    expect(point.skippedCount).toBe(4);
    expect(point.skipped).toEqual([
      { path: "gone", reason: expect.stringContaining("vanished") },
      { path: "large-gone", reason: expect.stringContaining("vanished") },
      { path: "secret", reason: expect.stringContaining("may not be read") },
      { path: "socket", reason: expect.stringContaining("socket") },
    ]);
    const restored = path.join(world.folder, "troubled-restored");
    await world.restore(point, restored);
    expect(fs.readdirSync(restored)).toEqual(["kept"]);
  });

  it("a file that is written to while it is read is kept as read, and said to be mixed", async () => {
    const source = world.makeFolder("busy");
    fs.writeFileSync(path.join(source, "busy"), "0");
    fs.writeFileSync(path.join(source, "large-busy"), bytesOf("busy", 600_000));
    fs.writeFileSync(path.join(source, "settles"), "first");
    let settled = false;
    const agent = await world.folderAgent("busy", source);
    const point = await world.capture(agent.id, {
      ...systemFiles,
      open: async (file, stat) => {
        const opened = await systemFiles.open(file, stat);
        return {
          ...opened,
          stat: () => opened.stat(),
          close: () => opened.close(),
          read: async (target, position) => {
            const count = await opened.read(target, position);
            if (file.endsWith("busy")) fs.appendFileSync(file, "more");
            if (file.endsWith("settles") && !settled) fs.writeFileSync(file, "second");
            if (file.endsWith("settles")) settled = true;
            return count;
          },
        };
      },
    });
    expect(point.skipped.map((one) => one.path).sort()).toEqual(["busy", "large-busy"]);
    const restored = path.join(world.folder, "busy-restored");
    await world.restore(point, restored);
    expect(fs.readFileSync(path.join(restored, "settles"), "utf8")).toBe("second");
    expect(fs.readFileSync(path.join(restored, "busy"), "utf8")).toMatch(/^0(more)*$/);
    expect(fs.statSync(path.join(restored, "large-busy")).size).toBe(600_000);
  });

  it("a read error in the middle of a large file ends its copy there", async () => {
    const source = world.makeFolder("bad-sector");
    fs.writeFileSync(path.join(source, "large"), bytesOf("sector", 5_000_000));
    fs.writeFileSync(path.join(source, "next"), "next");
    const agent = await world.folderAgent("bad-sector", source);
    const point = await world.capture(agent.id, {
      ...systemFiles,
      open: async (file, stat) => {
        const opened = await systemFiles.open(file, stat);
        return {
          stat: () => opened.stat(),
          close: () => opened.close(),
          read: (target, position) => {
            if (file.endsWith("large") && position >= 2_000_000)
              return Promise.reject(Object.assign(new Error("EIO"), { code: "EIO" }));
            return opened.read(target, position);
          },
        };
      },
    });
    expect(point.skipped).toEqual([{ path: "large", reason: expect.stringContaining("the copy ends there") }]);
    const restored = path.join(world.folder, "bad-sector-restored");
    await world.restore(point, restored);
    const whole = fs.readFileSync(path.join(source, "large"));
    const copy = fs.readFileSync(path.join(restored, "large"));
    expect(copy.length).toBeGreaterThan(1_000_000);
    expect(copy.equals(whole.subarray(0, copy.length))).toBe(true);
    expect(fs.readFileSync(path.join(restored, "next"), "utf8")).toBe("next");
  });

  it("other names of a file that could not be read are reported too", async () => {
    const source = world.makeFolder("linked-gone");
    fs.writeFileSync(path.join(source, "a"), "a");
    fs.linkSync(path.join(source, "a"), path.join(source, "b"));
    const agent = await world.folderAgent("linked-gone", source);
    const point = await world.capture(agent.id, {
      ...systemFiles,
      open: () => Promise.reject(Object.assign(new Error("ENOENT"), { code: "ENOENT" })),
    });
    expect(point.skipped.map((one) => one.path)).toEqual(["a", "b"]);
  });
});

describe("what a capture leaves out", () => {
  it("patterns, this core's repositories and homes of cores", async () => {
    const source = world.makeFolder("left-out");
    for (const name of [
      "keep.txt",
      "drop.log",
      "logs/deep/drop.log",
      "logs/keep.txt",
      "home/core.lock",
      "home/runtime.json",
      "home/data",
    ]) {
      fs.mkdirSync(path.dirname(path.join(source, name)), { recursive: true });
      fs.writeFileSync(path.join(source, name), name);
    }
    const repository = path.join(source, "store");
    const { createRepository } = await import("@/lib/engine/repositories");
    await createRepository(world.ctx, { name: "inside", path: repository });
    const agent = await world.folderAgent("left-out", source, ["*.log"]);
    const point = await world.capture(agent.id);
    expect(point.skipped).toEqual([
      { path: "home", reason: expect.stringContaining("home folder of a running core") },
      { path: "store", reason: expect.stringContaining('repository "inside"') },
    ]);
    const restored = path.join(world.folder, "left-out-restored");
    await world.restore(point, restored);
    expect([...readTree(restored).keys()]).toEqual([
      "",
      "home",
      "keep.txt",
      "logs",
      "logs/deep",
      "logs/keep.txt",
      "store",
    ]);
  });

  it.each([
    ["that does not exist", "/no/such/folder", "does not exist"],
    ["that is relative", "some/folder", "not absolute"],
    ["that is a file", "/etc/hostname", "no folder"],
  ])("a path %s is refused before anything begins", async (_, wrong, message) => {
    await expect(world.folderAgent("wrong", wrong)).rejects.toThrow(message);
    const source = world.makeFolder(`was-there-${message.replaceAll(" ", "-")}`);
    const agent = await world.folderAgent(`agent ${message}`, source);
    await world.db.prisma.volume.updateMany({ where: { agentId: agent.id }, data: { path: wrong } });
    await expect(startCapture(world.ctx, { agentId: agent.id })).rejects.toMatchObject({ code: "invalid_input" });
    expect(await world.db.prisma.task.count({ where: { agentId: agent.id } })).toBe(0);
  });
});
