import { execFileSync, spawn } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import { describe, expect, it } from "vitest";
import { type Download, openDownload } from "@/lib/engine/restore";
import { makeTree } from "../../support/tree";
import { readTree } from "../capture/tree";
import { World } from "../capture/world";

const world = await World.start();
const isRoot = process.geteuid?.() === 0;

/** Unpacks with the system's GNU tar, as a person would, and answers how many bytes it was given. */
async function unpack(download: Download, folder: string, locale: string): Promise<number> {
  fs.mkdirSync(folder);
  const tar = spawn("tar", ["-xp", "--warning=no-timestamp", "--numeric-owner", "-f", "-", "-C", folder], {
    stdio: ["pipe", "inherit", "pipe"],
    env: { ...process.env, LC_ALL: locale },
  });
  let complaints = "";
  tar.stderr.on("data", (text) => (complaints += text));
  const ended = new Promise<number | null>((resolve) => tar.on("close", resolve));
  let bytes = 0;
  async function* counted() {
    for await (const piece of download.body) {
      bytes += piece.length;
      yield piece;
    }
  }
  await pipeline(counted, tar.stdin);
  expect(await ended, complaints).toBe(0);
  expect(complaints).toBe("");
  return bytes;
}

async function downloadOf(source: string, name: string): Promise<Download> {
  const agent = await world.folderAgent(name, source);
  const point = await world.capture(agent.id);
  expect(point.skipped).toEqual([]);
  return openDownload(world.ctx, { recoveryPointId: point.id, imageId: point.images[0]?.id ?? "" });
}

const SECOND_US = 1_000_000n;

describe("a folder image as a tar", () => {
  it.each(["C", "C.UTF-8"])(
    "is unpacked by GNU tar to the same tree, and as long as it said (locale %s)",
    async (locale) => {
      const source = world.makeFolder(`tree-${locale}`);
      makeTree(source);
      const deep = path.join(source, ...Array.from({ length: 12 }, (_, i) => `folder-number-${i}-with-a-long-name`));
      fs.mkdirSync(deep, { recursive: true });
      fs.writeFileSync(path.join(deep, "deep"), "deep");
      const raw = (...bytes: number[]) => Buffer.concat([Buffer.from(`${deep}/`), Buffer.from(bytes)]);
      fs.writeFileSync(raw(0xff, 0xfe, 0x41), "deep and odd");
      fs.symlinkSync(Buffer.from([0xfe, 0x2f, 0xff]), raw(0xf0, 0x0a));
      fs.linkSync(path.join(deep, "deep"), raw(0xc3));
      fs.symlinkSync("x".repeat(300), path.join(source, "long-target"));
      fs.writeFileSync(path.join(source, "newline\nname"), "n");
      execFileSync("mkfifo", [path.join(source, "pipe")]);
      for (const [name, seconds] of [
        ["old", -86_400.5],
        ["whole", 1_000_000_000],
        ["far", 9_000_000_000.25],
      ] as const) {
        fs.writeFileSync(path.join(source, name), name);
        fs.utimesSync(path.join(source, name), String(seconds), String(seconds));
      }
      if (isRoot) fs.chownSync(path.join(source, "whole"), 3_000_000, 4_000_000);
      const download = await downloadOf(source, `tree-${locale}`);
      const unpacked = path.join(world.folder, `tree-${locale}-unpacked`);
      expect(await unpack(download, unpacked, locale)).toBe(download.totalBytes);
      expect(readTree(unpacked)).toEqual(readTree(source));
      // Not only to the microsecond, as Node can set it, but whole.
      const mtime = (root: string) => fs.lstatSync(path.join(root, "docs/to-run"), { bigint: true }).mtimeNs;
      expect(mtime(unpacked)).toBe(mtime(source));
      expect(mtime(unpacked) % SECOND_US).not.toBe(0n);
    },
  );

  it("keeps holes as holes, wherever they lie, with any name", async () => {
    const source = world.makeFolder("holes");
    const block = Buffer.alloc(100_000, "data");
    const layouts: Record<string, [offset: number, size: number][]> = {
      "hole-first": [[3_000_000, 3_100_000]],
      "hole-last": [[0, 9_000_000]],
      "only-hole": [[-1, 5_000_000]],
      [`${"middle".padEnd(150, "-")}`]: [
        [0, 0],
        [2_000_000, 0],
        [6_291_456, 6_400_000],
      ],
    };
    for (const [name, writes] of Object.entries(layouts)) {
      const file = fs.openSync(path.join(source, name), "w");
      for (const [offset, size] of writes) {
        if (offset >= 0) fs.writeSync(file, block, 0, block.length, offset);
        if (size > 0) fs.ftruncateSync(file, size);
      }
      fs.closeSync(file);
    }
    const odd = Buffer.concat([Buffer.from(`${source}/`), Buffer.from([0xff, 0x2d])]);
    fs.copyFileSync(path.join(source, "hole-last"), odd);
    fs.truncateSync(odd, 0);
    fs.truncateSync(odd, 4_000_000);
    const download = await downloadOf(source, "holes");
    expect(download.totalBytes).toBeLessThan(2_000_000);
    const unpacked = path.join(world.folder, "holes-unpacked");
    expect(await unpack(download, unpacked, "C.UTF-8")).toBe(download.totalBytes);
    expect(readTree(unpacked)).toEqual(readTree(source));
    expect(fs.statSync(path.join(unpacked, "only-hole")).blocks).toBe(0);
    expect(fs.statSync(path.join(unpacked, "hole-last")).blocks * 512).toBeLessThan(300_000);
  });
});
