import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { expect, it } from "vitest";
import { writeDisk } from "../../support/disk";
import { World } from "./world";

const world = await World.start();

/** A block device made of a file, or null where this account or machine may not make one. */
function attach(file: string): string | null {
  try {
    return execFileSync("losetup", ["--find", "--show", "--read-only", file], { stdio: ["ignore", "pipe", "ignore"] })
      .toString()
      .trim();
  } catch {
    return null;
  }
}

const disk = path.join(world.folder, "disk.img");
const sha256 = await writeDisk(disk, 11, 7);
const device = attach(disk);

it.skipIf(device === null)("a block device is captured to its last byte", async () => {
  try {
    const agent = await world.agent("device", [{ kind: "image", name: "device", path: device ?? "" }]);
    const point = await world.capture(agent.id);
    expect(point.logicalBytes).toBe(11 * 1024 * 1024);
    const restored = path.join(world.folder, "restored.img");
    await world.restore(point, restored);
    expect(createHash("sha256").update(fs.readFileSync(restored)).digest("hex")).toBe(sha256);
  } finally {
    execFileSync("losetup", ["--detach", device ?? ""]);
  }
});

it("a device that has no blocks is refused", async () => {
  await expect(world.agent("zero", [{ kind: "image", name: "zero", path: "/dev/zero" }])).rejects.toMatchObject({
    code: "invalid_input",
  });
});
